using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance;

/// <summary>Matching and filters in detail.</summary>
public sealed class OwnFilterTests(Worlds worlds) : IClassFixture<Worlds>
{
    public static IEnumerable<TheoryDataRow<string, string, string>> Rows => Catalog.Rows(OwnFilterScenarios.All);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Conforms(string scenario, string row, string version) => worlds.RunAsync(scenario, row, version);
}
