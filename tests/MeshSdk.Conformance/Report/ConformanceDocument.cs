using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance.Report;

/// <summary>The table of what passes, as docs/conformance.md has it.</summary>
internal sealed partial class ConformanceDocument(IReadOnlyList<ScoreRow> rows)
{
    private const string Head = """
        # Conformance

        What the Gateway API's own conformance suite asks of a mesh, and beyond it, asked of MeshSdk by `tests/MeshSdk.Conformance`: an API server inside the
        process, real servers as pods, and applications that route through the mesh over watches. Every case asserts status, pod, namespace, path, host, method,
        protocol, `Location` and headers, most of which the upstream suite does not look at. A case counts once for each HTTP version that it is run in.
        A routed call has to come out right three times in a row; splits are counted over 500 calls.

        This page is written by the tests: `MESHSDK_WRITE_CONFORMANCE=1 dotnet run --project tests/MeshSdk.Conformance`.

        `tests/MeshSdk.Conformance.Client` is the `client` that the upstream suite runs in its pods, built on MeshSdk, and `tests/MeshSdk.Conformance.Echo` a
        server in the suite's line format: an image with both of them, `client` on the path, takes the place of the suite's own.

        """;

    public static string Path { get; } = System.IO.Path.Combine(Root(), "docs", "conformance.md");

    /// <summary>The tests and numbers of cases of a page.</summary>
    public static IReadOnlyList<(string Feature, int Cases)> Read(string markdown) =>
        [.. RowPattern().Matches(markdown).Select(static row => (row.Groups[1].Value, int.Parse(row.Groups[2].Value, CultureInfo.InvariantCulture)))];

    /// <summary>For the console: what has been run.</summary>
    public string ToTable()
    {
        var run = rows.Where(static row => row.Begun > 0).ToList();
        var text = new StringBuilder("\nfeature | cases | passed\n");
        foreach (var row in run)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Test} ({row.Feature}) | {row.Cases} | {row.Passed}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"all | {run.Sum(static row => row.Cases)} | {run.Sum(static row => row.Passed)}\n").ToString();
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder(Head);
        foreach (var group in Catalog.Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {group.Title}\n\n| feature | proves | cases | passed |\n| --- | --- | ---: | ---: |\n");
            foreach (var row in rows.Where(row => group.Scenarios.Any(scenario => scenario.Name == row.Test)))
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{row.Test}` | {row.Feature} | {row.Cases} | {row.Passed} |\n");
            }
        }

        return text.ToString();
    }

    [GeneratedRegex(@"^\| `([^`]+)` \| [^|]* \| (\d+) \| \d+ \|", RegexOptions.Multiline)]
    private static partial Regex RowPattern();

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(directory.FullName, "MeshSdk.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("MeshSdk.sln is in no directory above the tests");
        }

        return directory.FullName;
    }
}
