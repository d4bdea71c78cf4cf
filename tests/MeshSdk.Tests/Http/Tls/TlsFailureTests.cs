using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Tls;

/// <summary>What goes wrong with TLS is a connection that could not be made: said so, charged to whom it concerns, and tried elsewhere.</summary>
public sealed class TlsFailureTests : IAsyncDisposable
{
    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    private readonly SecureMesh _secure = new();

    public ValueTask DisposeAsync() => _secure.DisposeAsync();

    public static TheoryData<string> Protocols => [nameof(ClusterProtocol.Http1), nameof(ClusterProtocol.Http2)];

    private static ServiceModel Service(string speaks, params IPEndPoint[] endpoints) =>
        Snapshots.Service("backend", endpoints).Speaking(Enum.Parse<ClusterProtocol>(speaks)).WantingTls();

    // Answers that the mesh gives, and what the endpoint is charged with.
    private static async Task<(HttpResponseMessage Response, AttemptOutcomeKind Charged)> CallAsync(TestMesh mesh, string uri = "http://backend/")
    {
        var outcomes = new RecordedOutcomes();
        mesh.Endpoint().Outcomes = outcomes;
        using var client = mesh.CreateClient(options: Recording);
        var response = await client.PostAsync(uri, new StringContent("body"));
        return (response, Assert.Single(outcomes.All).Kind);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task An_endpoint_that_is_somebody_else_is_sent_nothing(string speaks)
    {
        var server = await _secure.ServeAsync("spiffe://cluster.local/ns/test/sa/other");
        var (response, charged) = await CallAsync(await _secure.StartAsync(Service(speaks, server.EndPoint)));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UF"), (response.StatusCode, response.GetMeshCall()!.Flags));
        Assert.Contains("spiffe://cluster.local/ns/test/sa/other", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Null(response.GetMeshCall()!.Peer);
        Assert.Equal((AttemptOutcomeKind.ConnectFailed, 0), (charged, server.Requests));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task An_endpoint_that_speaks_plaintext_is_one_that_cannot_be_connected_to(string speaks)
    {
        await using var server = await EchoServer.StartAsync();
        var (response, charged) = await CallAsync(await _secure.StartAsync(Service(speaks, server.EndPoint)));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UF"), (response.StatusCode, response.GetMeshCall()!.Flags));
        Assert.Contains("TLS", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal((AttemptOutcomeKind.ConnectFailed, 0), (charged, server.Requests));
    }

    [Theory]
    [InlineData(nameof(ClusterProtocol.Http1), true)]
    [InlineData(nameof(ClusterProtocol.Http1), false)]
    [InlineData(nameof(ClusterProtocol.Http2), true)]
    [InlineData(nameof(ClusterProtocol.Http2), false)]
    public async Task A_server_that_does_not_believe_us_has_refused_the_connection(string speaks, bool isNew)
    {
        using var others = new MeshCertificateAuthority();
        var versions = isNew ? System.Security.Authentication.SslProtocols.Tls13 : System.Security.Authentication.SslProtocols.Tls12;
        var server = await _secure.ServeAsync(options: new TlsServerOptions { Roots = others.RootPem, Versions = versions });
        var (response, charged) = await CallAsync(await _secure.StartAsync(Service(speaks, server.EndPoint)));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UF"), (response.StatusCode, response.GetMeshCall()!.Flags));
        Assert.Equal((AttemptOutcomeKind.ConnectFailed, 0), (charged, server.Requests));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_handshake_that_nobody_answers_ends_with_the_time_that_connecting_may_take(string speaks)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new MeshOptions();
        var service = Service(speaks, (IPEndPoint)listener.LocalEndpoint).Clustered(static c => c with { ConnectTimeout = TimeSpan.FromSeconds(3) });
        var mesh = await _secure.StartAsync(options, _secure.Authority.Issue(SecureMesh.Caller), new MeshEnvironment(options) { Time = time }, service);
        var call = CallAsync(mesh);
        using var accepted = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.True(await accepted.GetStream().ReadAsync(new byte[1]) > 0); // the handshake has begun

        time.Advance(TimeSpan.FromSeconds(3));
        var (response, charged) = await call;

        Assert.Equal("UF", response.GetMeshCall()!.Flags);
        Assert.Contains("within 3 s", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(AttemptOutcomeKind.ConnectFailed, charged);
    }

    [Fact]
    public async Task A_server_that_agrees_to_HTTP2_and_says_nothing_ends_with_the_time_that_connecting_may_take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new MeshOptions();
        var service = Service("Http2", (IPEndPoint)listener.LocalEndpoint).Clustered(static c => c with { ConnectTimeout = TimeSpan.FromSeconds(3) });
        var mesh = await _secure.StartAsync(options, _secure.Authority.Issue(SecureMesh.Caller), new MeshEnvironment(options) { Time = time }, service);
        var call = CallAsync(mesh);
        using var accepted = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var certificate = _secure.Authority.Issue(Snapshots.Identity);
        await using var server = new SslStream(accepted.GetStream());
        await server.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, [.. certificate.Chain], offline: true),
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            },
            TestContext.Current.CancellationToken);
        Assert.True(await server.ReadAsync(new byte[1], TestContext.Current.CancellationToken) > 0); // our side of HTTP/2 has begun

        time.Advance(TimeSpan.FromSeconds(3));
        var (response, charged) = await call.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal("UF", response.GetMeshCall()!.Flags);
        Assert.Contains("did not begin with it in the time that connecting may take", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(AttemptOutcomeKind.ConnectFailed, charged);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_request_that_one_endpoint_cannot_have_is_tried_at_another(string speaks)
    {
        await using var plaintext = await EchoServer.StartAsync();
        var other = await _secure.ServeAsync("spiffe://cluster.local/ns/test/sa/other");
        var good = await _secure.ServeAsync();
        var service = Service(speaks, plaintext.EndPoint, other.EndPoint, good.EndPoint).Routed(RuledMesh.Rule(retry: RuledMesh.Retry(2)));
        var mesh = await _secure.StartAsync(service);
        using var client = mesh.CreateClient(options: Recording);
        for (var i = 0; i < 6; i++)
        {
            using var response = await client.PostAsync("http://backend/", new StringContent("body"));
            Assert.Equal("body", (await Echo.ReadAsync(response)).Body);
            Assert.Equal((good.EndPoint.ToString(), Snapshots.Identity), (response.GetMeshCall()!.Endpoint, response.GetMeshCall()!.Peer));
        }

        Assert.Equal((0, 0, 6), (plaintext.Requests, other.Requests, good.Requests));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task An_identity_that_comes_late_is_waited_for(string speaks)
    {
        var server = await _secure.ServeAsync();
        var mesh = await _secure.StartAsync(new MeshOptions(), certificate: null, Service(speaks, server.EndPoint));
        var call = CallAsync(mesh);
        await Eventually.HoldsAsync(() => mesh.Endpoint().ActiveRequests == 1, "the request is under way");
        Assert.False(call.IsCompleted);

        _secure.Identity.Publish(_secure.Authority.Issue(SecureMesh.Caller));
        var (response, _) = await call;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_identity_that_is_missing_is_charged_to_nobody_and_tried_nowhere_else()
    {
        await using var server = await EchoServer.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new MeshOptions();
        var service = Service("Http1", server.EndPoint, new IPEndPoint(IPAddress.Loopback, 1)).Routed(RuledMesh.Rule(retry: RuledMesh.Retry(3)));
        var mesh = await _secure.StartAsync(options, certificate: null, new MeshEnvironment(options) { Time = time }, service);
        _secure.Identity.Fail("the agent is not there");
        var outcomes = new RecordedOutcomes();
        foreach (var endpoint in mesh.Cluster().Usable)
        {
            endpoint.Outcomes = outcomes;
        }

        using var client = mesh.CreateClient(options: Recording);
        var call = client.GetAsync("http://backend/");
        await Eventually.HoldsAsync(() => mesh.Cluster().Usable.Sum(static e => e.ActiveRequests) == 1 && mesh.Runtime.Identity.Store.Failure is not null);
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return call.IsCompleted;
        });

        using var response = await call;
        Assert.Equal("UF", response.GetMeshCall()!.Flags);
        Assert.Contains("the agent is not there", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(0, response.GetMeshCall()!.Attempts);
        Assert.Equal([AttemptOutcomeKind.Abandoned], outcomes.All.Select(static o => o.Kind));
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("a file", false, "Could not find")]
    [InlineData("a file", true, "Could not find")]
    [InlineData("a bundle", false, "no trust bundle vouches for spiffe://elsewhere.local/")]
    [InlineData("a bundle", true, "no trust bundle vouches for spiffe://elsewhere.local/")]
    public async Task What_is_missing_here_is_said_of_the_policy_and_nobody_is_dialled(string missing, bool retries, string reason)
    {
        await using var server = await EchoServer.StartAsync();
        var service = Snapshots.Service("backend", server.EndPoint);
        service = missing == "a bundle"
            ? service.WantingTls("spiffe://elsewhere.local/ns/test/sa/backend")
            : service.WantingTls(Snapshots.IstioTls(Snapshots.Cluster("backend")) with
            {
                Mode = TlsMode.Simple,
                Trust = new TlsTrust { Kind = TlsTrustKind.Given, AuthoritiesFile = Path.Combine(Path.GetTempPath(), "nobody", "nonexistent.pem") },
            });
        var (response, charged) = await CallAsync(await _secure.StartAsync(retries ? service.Routed(RuledMesh.Rule(retry: RuledMesh.Retry(3))) : service));

        var call = response.GetMeshCall()!;
        Assert.Equal((503, "UF", server.EndPoint.ToString(), 0), ((int)response.StatusCode, call.Flags, call.Endpoint, call.Attempts));
        Assert.StartsWith("test/backend:80 wants the TLS of DestinationRule test/backend: ", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Contains(reason, response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal((AttemptOutcomeKind.Abandoned, 0), (charged, server.Connections));
    }

    [Fact]
    public async Task Nor_is_the_endpoint_charged_where_the_routes_time_is_over_first()
    {
        await using var server = await EchoServer.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new MeshOptions();
        var service = Service("Http1", server.EndPoint).Routed(RuledMesh.Rule(RuledMesh.Timeouts(request: 500)));
        var mesh = await _secure.StartAsync(options, certificate: null, new MeshEnvironment(options) { Time = time }, service);
        var call = CallAsync(mesh);
        await Eventually.HoldsAsync(() => mesh.Endpoint().ActiveRequests == 1, "the request is under way");
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return call.IsCompleted;
        });

        var (response, charged) = await call;
        Assert.Equal((HttpStatusCode.GatewayTimeout, "UT"), (response.StatusCode, response.GetMeshCall()!.Flags));
        Assert.Equal((AttemptOutcomeKind.Abandoned, 0), (charged, server.Connections));
    }
}
