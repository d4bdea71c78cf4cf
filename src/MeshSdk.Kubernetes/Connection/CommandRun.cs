using System.ComponentModel;
using System.Diagnostics;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>Runs a program for what it prints.</summary>
internal static class CommandRun
{
    // A plugin may have to ask an identity provider far away; one that waits for somebody to log in waits for nobody here.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private const int LongestError = 500;

    /// <exception cref="ConnectionException">It could not be started, failed, or took too long.</exception>
    public static async Task<string> OutputAsync(
        string command, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> variables, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        using var timeout = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(either.Token);
            var error = process.StandardError.ReadToEndAsync(either.Token);
            await Task.WhenAll(output, error, process.WaitForExitAsync(either.Token)).ConfigureAwait(false);
            return process.ExitCode == 0
                ? await output.ConfigureAwait(false)
                : throw new ConnectionException($"{command} failed with exit code {process.ExitCode}: {Short(await error.ConfigureAwait(false))}");
        }
        catch (OperationCanceledException)
        {
            End(process);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ConnectionException($"{command} did not end within {Longest.TotalSeconds} seconds");
        }
        catch (IOException fault)
        {
            End(process);
            throw new ConnectionException($"{command} could not be talked to: {fault.Message}", fault);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception fault) when (fault is Win32Exception or InvalidOperationException)
        {
            throw new ConnectionException($"{start.FileName} could not be started: {fault.Message}", fault);
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception fault) when (fault is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            // It has ended by itself, or is beyond reach: either way it is waited for no longer.
        }
    }

    private static string Short(string error) => error.Trim() is var text && text.Length > LongestError ? text[..LongestError] + "…" : text;
}
