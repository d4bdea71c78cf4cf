using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance;

/// <summary>TLS to backends.</summary>
public sealed class BackendTlsTests(Worlds worlds) : IClassFixture<Worlds>
{
    public static IEnumerable<TheoryDataRow<string, string, string>> Rows => Catalog.Rows(BackendTlsScenarios.All);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Conforms(string scenario, string row, string version) => worlds.RunAsync(scenario, row, version);
}
