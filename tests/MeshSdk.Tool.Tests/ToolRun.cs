using System.Text;
using System.Text.Json;

namespace MeshSdk.Tool.Tests;

/// <summary>What one command line came to.</summary>
internal sealed record ToolRun(int ExitCode, byte[] OutBytes, string Error)
{
    public string Out => Encoding.UTF8.GetString(OutBytes);

    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    public IReadOnlyList<JsonElement> JsonLines =>
        [.. Lines(Out).Select(static line => JsonDocument.Parse(line).RootElement)];

    public string[] ErrorLines => Lines(Error);

    public static Task<ToolRun> Of(params string[] args) => WithInput("", args);

    /// <summary>With nothing around it: no variables, no home directory, no pod.</summary>
    public static Task<ToolRun> WithInput(string input, params string[] args) => In(Surroundings.None, input, args);

    public static Task<ToolRun> In(ToolEnvironment environment, params string[] args) => In(environment, "", args);

    /// <summary>Into an output that somebody watches.</summary>
    public static Task<ToolRun> Into(MemoryStream stdout, params string[] args) => In(Surroundings.None, "", stdout, args);

    private static Task<ToolRun> In(ToolEnvironment environment, string input, string[] args) => In(environment, input, new MemoryStream(), args);

    private static async Task<ToolRun> In(ToolEnvironment environment, string input, MemoryStream stdout, string[] args)
    {
        var stderr = new StringWriter();
        var exit = await Program.RunAsync(args, new StringReader(input), stdout, stderr, environment, TestContext.Current.CancellationToken);
        return new ToolRun(exit, stdout.ToArray(), stderr.ToString());
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
