using MeshSdk.Conformance.Report;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance;

/// <summary>Holds docs/conformance.md and the tables of cases to each other.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void The_page_has_all_features_and_their_numbers_of_cases()
    {
        var expected = Catalog.Groups.SelectMany(static group => group.Scenarios).Select(static scenario => (scenario.Name, Catalog.Count(scenario)));
        Assert.Equal(expected, ConformanceDocument.Read(File.ReadAllText(ConformanceDocument.Path)));
    }

    [Fact]
    public void The_page_reads_as_it_was_written()
    {
        var rows = Catalog.Groups.SelectMany(static group => group.Scenarios)
            .Select(static (scenario, i) => new ScoreRow(scenario.Name, scenario.Feature, i, i, 0)).ToList();
        Assert.Equal(rows.Select(static row => (row.Test, row.Cases)), ConformanceDocument.Read(new ConformanceDocument(rows).ToMarkdown()));
    }

    [Fact]
    public void All_23_mesh_tests_are_there() => Assert.Equal(23, Catalog.Groups[0].Scenarios.Count);

    [Fact]
    public void Every_case_has_a_name_of_its_own() => Assert.All(
        Catalog.Groups.SelectMany(static group => group.Scenarios),
        static scenario => Assert.Distinct(scenario.Cases.Select(static part => part.Name)));

    /// <summary>A class that a scenario is missing from would not run it.</summary>
    [Fact]
    public void Every_scenario_is_run_by_one_class()
    {
        var run = typeof(DocumentTests).Assembly.GetTypes()
            .Select(static type => type.GetProperty("Rows")?.GetValue(null))
            .OfType<IEnumerable<TheoryDataRow<string, string, string>>>()
            .SelectMany(static rows => rows.Select(static row => string.Join(" | ", ((ITheoryDataRow)row).GetData())))
            .ToList();
        Assert.Distinct(run);
        Assert.Equal(Catalog.Groups.SelectMany(static group => group.Scenarios).Sum(Catalog.Count), run.Count);
    }
}
