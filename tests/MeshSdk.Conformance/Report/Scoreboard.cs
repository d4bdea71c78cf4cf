using System.Collections.Concurrent;
using MeshSdk.Conformance.Report;
using MeshSdk.Conformance.Scenarios;

[assembly: AssemblyFixture(typeof(Scoreboard))]

namespace MeshSdk.Conformance.Report;

/// <summary>Counts what has passed, and at the end of the run says so.</summary>
public sealed class Scoreboard : IAsyncDisposable
{
    private const string Write = "MESHSDK_WRITE_CONFORMANCE";

    private static readonly ConcurrentDictionary<string, int> Passed = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, int> Begun = new(StringComparer.Ordinal);

    internal static void Begin(string scenario) => Begun.AddOrUpdate(scenario, 1, static (_, count) => count + 1);

    internal static void Pass(string scenario) => Passed.AddOrUpdate(scenario, 1, static (_, count) => count + 1);

    public async ValueTask DisposeAsync()
    {
        var rows = Catalog.Groups.SelectMany(static group => group.Scenarios)
            .Select(static scenario => new ScoreRow(
                scenario.Name, scenario.Feature, Catalog.Count(scenario), Begun.GetValueOrDefault(scenario.Name), Passed.GetValueOrDefault(scenario.Name)))
            .ToList();
        var document = new ConformanceDocument(rows);
        Console.WriteLine(document.ToTable());

        // Of a part of the cases no page can be written that is true of the whole.
        if (Environment.GetEnvironmentVariable(Write) == "1" && rows.All(static row => row.Begun == row.Cases))
        {
            await File.WriteAllTextAsync(ConformanceDocument.Path, document.ToMarkdown());
        }
    }
}
