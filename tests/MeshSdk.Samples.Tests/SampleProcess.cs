using System.Diagnostics;
using System.Text;

namespace MeshSdk.Samples.Tests;

/// <summary>A sample that runs as a user runs it: in a process of its own.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="sample">Its project.</param>
    /// <param name="args">Its command line.</param>
    /// <param name="environment">What is set beside the environment of the tests.</param>
    /// <param name="assembly">The name of its assembly; null: that of the project.</param>
    /// <param name="folder">Where a copy of all that was built is; null: it runs where it was built.</param>
    public SampleProcess(
        string sample, IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null, string? assembly = null, string? folder = null)
    {
        var path = SampleOutput.Of(sample, assembly);
        if (folder is not null)
        {
            path = Path.Combine(folder, Path.GetFileName(path));
        }

        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [path, .. args])
        {
            WorkingDirectory = Path.GetDirectoryName(path),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, as a kubelet does, or Ctrl+C. Not on Windows.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <param name="signal">As in <c>kill -TERM</c>.</param>
    public async Task InterruptAsync(CancellationToken cancellationToken, string signal = "TERM")
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits until the output holds what <paramref name="find"/> looks for.</summary>
    public async Task<string> WaitForAsync(Func<string, string?> find, CancellationToken cancellationToken)
    {
        while (true)
        {
            var more = Volatile.Read(ref _more).Task;
            if (find(Output) is { } found)
            {
                return found;
            }

            if (_process.HasExited)
            {
                // The last of what it wrote is read after its end.
                await _process.WaitForExitAsync(cancellationToken);
                if (find(Output) is { } late)
                {
                    return late;
                }

                throw new InvalidOperationException($"The sample has ended with {_process.ExitCode}:\n{Output}\n{Errors}");
            }

            await Task.WhenAny(more, _process.WaitForExitAsync(cancellationToken)).WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Append(StringBuilder text, string? line)
    {
        lock (_lock)
        {
            text.Append(line).Append('\n');
        }

        Interlocked.Exchange(ref _more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private string Read(StringBuilder text)
    {
        lock (_lock)
        {
            return text.ToString();
        }
    }
}
