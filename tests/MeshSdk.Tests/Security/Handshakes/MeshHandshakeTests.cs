using System.Security.Authentication;
using MeshSdk.Security;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Security.Handshakes;

/// <summary>ISTIO_MUTUAL against a server of .NET's own: who is refused, who is accepted, and what each side sees of the other.</summary>
public sealed class MeshHandshakeTests : IDisposable
{
    private readonly Authorities _authorities = new();

    public static TheoryData<string, SslProtocols> Refused => Each(MeshPeerCases.Refused.Keys);

    public static TheoryData<string, SslProtocols> Accepted => Each(MeshPeerCases.Accepted.Keys);

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_peer_that_is_not_whom_it_should_be_is_sent_nothing(string which, SslProtocols version)
    {
        var (words, make) = MeshPeerCases.Refused[which];
        var setup = make(_authorities);
        await using var server = await TlsServer.StartAsync(setup.Peer, new TlsServerOptions { Versions = version });
        var caller = new Handshake(setup.Caller, mesh: setup.Mesh);

        var refusal = await Handshake.RefusedAsync(() => caller.SendAsync(server.EndPoint, setup.Tls));

        Assert.All(words, word => Assert.Contains(word, refusal.Message, StringComparison.Ordinal));
        Assert.Contains($"{server.EndPoint} is not whom DestinationRule istio-test/backend asks for", refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.MayHaveSent);
        Assert.Null(refusal.InnerException);
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task A_peer_that_is_whom_it_should_be_is_spoken_to(string which, SslProtocols version)
    {
        var setup = MeshPeerCases.Accepted[which](_authorities);
        await using var server = await TlsServer.StartAsync(setup.Peer, new TlsServerOptions { Versions = version, Roots = _authorities.Root.RootPem });
        var caller = new Handshake(setup.Caller, mesh: setup.Mesh);

        using var first = await caller.SendAsync(server.EndPoint, setup.Tls);
        using var resumed = await caller.SendAsync(server.EndPoint, setup.Tls);

        Assert.Equal("backend", await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("backend", await resumed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_side_proves_who_it_is(bool http2)
    {
        await using var server = await TlsServer.StartAsync(
            _authorities.Root.Issue(Handshake.Backend), new TlsServerOptions { Roots = _authorities.Root.RootPem });
        var caller = new Handshake(_authorities.Intermediate.Issue(Handshake.Caller).ToIdentity());

        using var response = await caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend), http2);

        Assert.Equal(Handshake.Caller, response.Headers.GetValues("x-client").Single());
        Assert.Equal(http2 ? 2 : 1, response.Version.Major);
        var client = Assert.Single(server.Clients);
        Assert.Equal(Handshake.ServerName, client.ServerName);
        Assert.Equal(1, client.Sent);
    }

    [Fact]
    public async Task A_connection_tells_whom_it_leads_to()
    {
        await using var server = await TlsServer.StartAsync(_authorities.Root.Issue(Handshake.Backend));
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        await using var connection = await caller.DialAsync(server.EndPoint, Handshake.Istio(Handshake.Backend));

        Assert.Equal(Handshake.Backend, connection.Identity);
    }

    [Fact]
    public async Task Nobody_is_good_enough_where_nobody_is_expected()
    {
        await using var server = await TlsServer.StartAsync(_authorities.Root.Issue(Handshake.Backend));
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var error = await Assert.ThrowsAsync<IdentityUnavailableException>(() => caller.DialAsync(server.EndPoint, Handshake.Istio()));

        Assert.Contains("no identity of the endpoint is known", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Clients);
    }

    [Fact]
    public async Task No_bundle_vouches_for_a_trust_domain_that_is_not_of_the_mesh()
    {
        await using var server = await TlsServer.StartAsync(_authorities.Root.Issue("spiffe://former.local/ns/istio-test/sa/backend"));
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem));

        var error = await Assert.ThrowsAsync<IdentityUnavailableException>(
            () => caller.DialAsync(server.EndPoint, Handshake.Istio("spiffe://former.local/ns/istio-test/sa/backend")));

        Assert.Contains("no trust bundle vouches for spiffe://former.local/", error.Message, StringComparison.Ordinal);
        Assert.Contains("there are bundles for cluster.local", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, true)]
    public async Task Version_1_3_alone_where_that_is_required(SslProtocols version, bool isAccepted)
    {
        await using var server = await TlsServer.StartAsync(_authorities.Root.Issue(Handshake.Backend), new TlsServerOptions { Versions = version });
        var caller = new Handshake(_authorities.Caller(_authorities.Root.RootPem), mesh: new() { RequiresTls13 = true });

        var error = await Record.ExceptionAsync(() => caller.SendAsync(server.EndPoint, Handshake.Istio(Handshake.Backend)));

        Assert.Equal(isAccepted, error is null);
        Assert.True(error is null || Handshake.RefusalIn(error)!.Message.Contains("no version of TLS that is allowed", StringComparison.Ordinal), error?.ToString());
    }

    private static TheoryData<string, SslProtocols> Each(IEnumerable<string> cases)
    {
        var data = new TheoryData<string, SslProtocols>();
        foreach (var which in cases)
        {
            data.Add(which, SslProtocols.Tls12);
            data.Add(which, SslProtocols.Tls13);
        }

        return data;
    }
}
