namespace MeshSdk.Tool.CommandLine;

internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The answer is "no": a request could not be made, a line of a batch was bad.</summary>
    public const int No = 1;

    /// <summary>The command line or a file is wrong.</summary>
    public const int Usage = 2;

    /// <summary>As shells have it for Ctrl-C.</summary>
    public const int Interrupted = 130;
}
