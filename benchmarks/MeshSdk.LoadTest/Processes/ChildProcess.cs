using System.Diagnostics;

namespace MeshSdk.LoadTest.Processes;

/// <summary>This program once more, with other arguments, or another one. It ends when its standard input does, so that it never outlives its parent.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public static ChildProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Start(start);
    }

    /// <summary>Another program, which ends in the same way.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static ChildProcess Start(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        return new ChildProcess(Process.Start(start)!);
    }

    /// <exception cref="InvalidOperationException">The process has ended.</exception>
    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The child process has ended.");

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
