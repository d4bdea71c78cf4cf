using System.Text;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool;

/// <summary>The <c>mesh</c> command.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var stdin = new StreamReader(Console.OpenStandardInput(), utf8);
        await using var stdout = Console.OpenStandardOutput();
        await using var stderr = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true };
        return await RunAsync(args, stdin, stdout, stderr, ToolEnvironment.Process, CancellationToken.None);
    }

    /// <summary>Runs one command line and returns its exit code.</summary>
    public static async Task<int> RunAsync(
        string[] args, TextReader stdin, Stream stdout, TextWriter stderr, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        try
        {
            return await MeshCommandLine.RunAsync(args, new Terminal(stdin, stdout, stderr), environment, cancellationToken);
        }
        catch (UsageException e)
        {
            await stderr.WriteLineAsync($"mesh: {e.Message}");
            return ExitCode.Usage;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await stderr.WriteLineAsync($"mesh: {OneLine.Of(e.Message)}");
            return ExitCode.Usage;
        }
        catch (Exception e)
        {
            // A fault of ours. Scripts are promised one line and no stack trace all the same.
            await stderr.WriteLineAsync($"mesh: internal fault, please report it: {e.GetType().Name}: {OneLine.Of(e.Message)}");
            return ExitCode.Usage;
        }
    }
}
