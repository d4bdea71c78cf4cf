using MeshSdk.AspNetCore.Tests.Fixtures.Clients;

namespace MeshSdk.AspNetCore.Tests.Matrix;

/// <summary>Clients with TLS and HTTP of their own, which are nothing of .NET's.</summary>
public sealed class ProgramMatrixTests(Servers servers) : IClassFixture<Servers>
{
    public static TheoryData<string, string, string, string, string, string> Cells => WhoMayTalk.Cells(Callers.Programs, "options", "port");

    [Theory]
    [MemberData(nameof(Cells))]
    public Task Callers_are_served_as_who_they_are_or_refused(string caller, string protocol, string layer, string mode, string way, string expected) =>
        WhoMayTalk.CheckAsync(servers, caller, protocol, layer, mode, way, expected);
}
