using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Rotation;

/// <summary>The identity of a server changes while it is called.</summary>
public sealed class ServerRotationTests
{
    private const string Server = "spiffe://cluster.local/ns/shop/sa/backend", Client = "spiffe://cluster.local/ns/web/sa/client";

    [Fact]
    public async Task New_connections_see_the_new_leaf_and_no_request_fails()
    {
        using var authority = new MeshCertificateAuthority();
        var client = authority.Issue(Client);
        await using var host = await EchoHost.StartAsync(authority.Issue(Server), PeerAuthenticationMode.Strict);
        var call = new Call(host.Mixed, Protocols.Http2, Layers.MutualTls, client);
        using var handler = HttpClientCaller.HandlerFor(call);
        using var kept = new HttpMessageInvoker(handler);
        await using var onKept = new Load(2, async () =>
        {
            using var request = HttpClientCaller.RequestFor(call, $"https://{host.Mixed}/");
            using var response = await kept.SendAsync(request, CancellationToken.None);
            Assert.Equal($"{Client} HTTP/2", (await HttpClientCaller.AnswerOfAsync(call, response)).Text);
        });
        await using var onNew = new Load(2, async () =>
            Assert.Equal($"{Client} HTTP/1.1", (await StreamCaller.Sidecar.CallAsync(call with { Protocol = Protocols.Http1 })).Text));

        for (var i = 0; i < 5; i++)
        {
            var next = authority.Issue(Server);
            host.Identities.Update(next.ToIdentity());
            await Eventually.HoldsAsync(async () => await SerialAsync(host, client) == next.Certificate.SerialNumber, "the new leaf is shown");
            await onKept.MoreAsync(5);
            await onNew.MoreAsync(5);
        }

        await onKept.StopAsync();
        await onNew.StopAsync();
        Assert.Empty(onKept.Failures);
        Assert.Empty(onNew.Failures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_authority_that_has_left_is_believed_no_longer(bool byIntermediate)
    {
        using var left = new MeshCertificateAuthority("left");
        using var below = left.CreateIntermediate();
        using var stayed = new MeshCertificateAuthority("stayed");
        var (leaving, staying) = ((byIntermediate ? below : left).Issue(Client), stayed.Issue(Client));
        await using var host = await EchoHost.StartAsync(stayed.Issue(Server), PeerAuthenticationMode.Strict);

        // Both, as while a mesh changes its root.
        var both = With(stayed.Issue(Server), left, stayed);
        host.Identities.Update(both);
        await Eventually.HoldsAsync(async () => await SerialAsync(host, staying) == both.Certificate.SerialNumber, "both are believed");
        Assert.Equal($"{Client} HTTP/1.1", await CallAsync(leaving));
        Assert.Equal($"{Client} HTTP/1.1", await CallAsync(staying));
        await using var before = new KeptConnection(await ConnectAsync(leaving));
        Assert.Equal(200, (await before.GetAsync("/"))?.Status);

        var one = With(stayed.Issue(Server), stayed);
        host.Identities.Update(one);
        await Eventually.HoldsAsync(async () => await SerialAsync(host, staying) == one.Certificate.SerialNumber, "one is believed");
        Assert.Equal("refused", await CallAsync(leaving));
        Assert.Equal($"{Client} HTTP/1.1", await CallAsync(staying));

        // What was believed before is let go too, in good order.
        await before.EndsAsync();

        async Task<string> CallAsync(MeshTestCertificate client) => (await Refusal.OrAnswerAsync(async () =>
        {
            await using var tls = await ConnectAsync(client);
            return await Http1.GetAsync(tls);
        })).Text;

        async Task<SslStream> ConnectAsync(MeshTestCertificate client) => await Dial.TlsAsync(host.Mixed, client, staying.RootPem, protocols: "http/1.1");
    }

    private static MeshIdentity With(MeshTestCertificate leaf, params MeshCertificateAuthority[] authorities) =>
        new(leaf.Certificate, leaf.Chain, [new TrustBundle(null, authorities.Select(static authority => X509Certificate2.CreateFromPem(authority.RootPem)))]);

    private static async Task<string> SerialAsync(EchoHost host, MeshTestCertificate client)
    {
        await using var tls = await Dial.TlsAsync(host.Mixed, client);
        using var leaf = new X509Certificate2(tls.RemoteCertificate!);
        return leaf.SerialNumber;
    }
}
