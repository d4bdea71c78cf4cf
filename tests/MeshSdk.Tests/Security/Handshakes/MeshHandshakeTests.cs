using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>ISTIO_MUTUAL against a server of .NET's own.</summary>
public sealed class MeshHandshakeTests : IDisposable
{
    private readonly MeshCertificateAuthority _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_side_proves_who_it_is(bool http2)
    {
        await using var server = await TlsServer.StartAsync(_root.Issue(Handshake.Backend), new TlsServerOptions { Roots = _root.RootPem });
        var caller = new Handshake(_root.CreateIntermediate().Issue(Handshake.Caller).ToIdentity());

        using var response = await caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend), http2);

        Assert.Equal("backend", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Handshake.Caller, response.Headers.GetValues("x-client").Single());
        Assert.Equal(http2 ? 2 : 1, response.Version.Major);
        var client = Assert.Single(server.Clients);
        Assert.Equal(Handshake.ServerName, client.ServerName);
        Assert.Equal(1, client.Sent);
    }
}
