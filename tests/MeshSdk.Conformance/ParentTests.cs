using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance;

/// <summary>Parents that are named wrongly.</summary>
public sealed class ParentTests(Worlds worlds) : IClassFixture<Worlds>
{
    public static IEnumerable<TheoryDataRow<string, string, string>> Rows => Catalog.Rows(ParentScenarios.All);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Conforms(string scenario, string row, string version) => worlds.RunAsync(scenario, row, version);
}
