using MeshSdk.Model;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>What goes over the wire in the open, byte for byte: the name, the protocols and the versions by which sidecars and gateways choose.</summary>
public sealed class ClientHelloTests : IDisposable
{
    private const ushort Tls12 = 0x0303;
    private const ushort Tls13 = 0x0304;

    private readonly Authorities _authorities = new();

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [InlineData(false, "istio-http/1.1", "istio", "http/1.1")]
    [InlineData(true, "istio-h2", "istio", "h2")]
    public async Task The_mesh_is_asked_as_a_sidecar_asks_it(bool http2, params string[] protocols)
    {
        var hello = await ClientHello.CaptureAsync(new Handshake(Caller), Handshake.Istio(Handshake.Backend), http2);

        Assert.Equal("outbound_.80_._.backend.istio-test.svc.cluster.local", hello.ServerName);
        Assert.Equal(protocols, hello.Protocols);
        Assert.Equal([Tls13, Tls12], hello.Versions);
    }

    [Theory]
    [InlineData(false, null, "backend.example", "backend.example")]
    [InlineData(true, null, "backend.example", "backend.example")]
    [InlineData(false, "sni.example", "backend.example", "sni.example")]
    [InlineData(true, "sni.example", "backend.example", "sni.example")]
    [InlineData(false, "under_score.example", "backend.example", "under_score.example")]
    [InlineData(false, null, "127.0.0.1", null)]
    [InlineData(false, null, "::1", null)]
    public async Task Others_are_asked_by_their_name(bool http2, string? configured, string dialled, string? sent)
    {
        var hello = await ClientHello.CaptureAsync(new Handshake(identity: null), Handshake.Simple(configured), http2, dialled);

        Assert.Equal(sent, hello.ServerName);
        Assert.Equal([http2 ? "h2" : "http/1.1"], hello.Protocols);
        Assert.Equal([Tls13, Tls12], hello.Versions);
    }

    [Fact]
    public async Task Version_1_3_alone_is_offered_where_that_is_required()
    {
        var caller = new Handshake(Caller, mesh: new MeshSettings { RequiresTls13 = true });

        var mesh = await ClientHello.CaptureAsync(caller, Handshake.Istio(Handshake.Backend), http2: false);
        var other = await ClientHello.CaptureAsync(caller, Handshake.Simple("backend.example"), http2: false);

        Assert.Equal([Tls13], mesh.Versions);
        Assert.Equal([Tls13, Tls12], other.Versions);
    }

    private MeshIdentity Caller => _authorities.Caller(_authorities.Root.RootPem);
}
