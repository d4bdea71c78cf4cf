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

    public static async Task<ToolRun> WithInput(string input, params string[] args)
    {
        var (stdout, stderr) = (new MemoryStream(), new StringWriter());
        var exit = await Program.RunAsync(args, new StringReader(input), stdout, stderr, TestContext.Current.CancellationToken);
        return new ToolRun(exit, stdout.ToArray(), stderr.ToString());
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
