using MeshSdk.AspNetCore.Tests.Fixtures.Clients;

namespace MeshSdk.AspNetCore.Tests.Matrix;

/// <summary>Clients of .NET.</summary>
public sealed class InsideMatrixTests(Servers servers) : IClassFixture<Servers>
{
    public static TheoryData<string, string, string, string, string, string> Cells => WhoMayTalk.Cells(Callers.Inside, Servers.InsideWays);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Callers_are_served_as_who_they_are_or_refused(string caller, string protocol, string layer, string mode, string way, string expected) =>
        WhoMayTalk.CheckAsync(servers, caller, protocol, layer, mode, way, expected);
}
