using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance;

/// <summary>Clients that stay where they were.</summary>
public sealed class SessionTests(Worlds worlds) : IClassFixture<Worlds>
{
    public static IEnumerable<TheoryDataRow<string, string, string>> Rows => Catalog.Rows(SessionScenarios.All);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Conforms(string scenario, string row, string version) => worlds.RunAsync(scenario, row, version);
}
