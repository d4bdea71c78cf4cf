using System.Text.RegularExpressions;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>kubectl for one namespace, with commands as one types them; texts with spaces stand in single quotes.</summary>
internal sealed partial class KubectlConsole(Kubectl kubectl, string ns)
{
    public string Namespace => ns;

    /// <summary>The output of a command that succeeds.</summary>
    public async Task<string> Run(string command, string? input = null) => Plain((await Send(command, input)).Succeeded());

    /// <summary>What a command that fails says on standard error.</summary>
    public async Task<string> Refused(string command, string? input = null)
    {
        var result = await Send(command, input);
        Assert.True(result.ExitCode == 1, $"kubectl {command} ended with {result.ExitCode}: {result.Output}{result.Error}");
        return Plain(result.Error);
    }

    /// <param name="environment">As in <c>KUBE_EDITOR</c>.</param>
    public Task<KubectlResult> Send(string command, string? input = null, IReadOnlyDictionary<string, string>? environment = null) =>
        kubectl.Run(input, ["--namespace=" + ns, .. Words(command)], environment);

    /// <summary>A line of a table by its cells, of which none has two spaces in it.</summary>
    public static string[] Cells(string line) => Gap().Split(line.Trim());

    /// <summary>The cells of all lines of a table.</summary>
    public async Task<string[][]> Table(string command) => [.. (await Run(command)).Split('\n').Select(Cells)];

    private static string Plain(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n');

    private static string[] Words(string command) =>
        [.. Word().Matches(command).Select(word => word.Value.Replace("'", "", StringComparison.Ordinal))];

    [GeneratedRegex(@"(?:[^\s']|'[^']*')+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Gap();
}
