using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance;

/// <summary>The upstream mesh suite's gRPC routes.</summary>
public sealed class MeshGrpcTests(Worlds worlds) : IClassFixture<Worlds>
{
    public static IEnumerable<TheoryDataRow<string, string, string>> Rows => Catalog.Rows(MeshScenarios.Grpc);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Conforms(string scenario, string row, string version) => worlds.RunAsync(scenario, row, version);
}
