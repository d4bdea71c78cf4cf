using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Model;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>What becomes of connections that are there when something changes.</summary>
public sealed class LiveChangeTests : IDisposable
{
    private readonly Authorities _authorities = new();
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("2.0", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", true)]
    public async Task A_mode_that_changes_ends_what_it_forbids_and_nothing_else(string version, bool isSecure)
    {
        await using var server = await Server.StartAsync(new ServerSetup
        {
            Identity = _authorities.Server(_authorities.Root),
            Protocols = version == "2.0" && !isSecure ? HttpProtocols.Http2 : HttpProtocols.Http1AndHttp2,
            Handle = HoldAsync,
        });
        var known = _authorities.Root.Issue(CallerCases.Id);
        using var http = Client(known, version);
        using var other = Client(known, version == "2.0" && !isSecure ? "2.0" : "1.1");
        Uri Address(bool secure, string path = "") => new($"{(secure ? "https" : "http")}://{server.EndPoint}/{path}");
        var underWay = http.GetStringAsync(Address(isSecure, "hold"), TestContext.Current.CancellationToken);
        await _arrived.Task;
        await other.GetStringAsync(Address(!isSecure), TestContext.Current.CancellationToken);
        var bystander = Assert.Single(server.Mesh.Connections.Where(static (one, secure) => one.IsSecure != secure, isSecure));

        server.Configuration.Apply(Mode(isSecure ? "DISABLE" : "STRICT"));
        await Eventually.HoldsAsync(() => server.Mesh.Takes(server.EndPoint.Port, isSecure), static takes => !takes, "the mode");

        Assert.False(underWay.IsCompleted);
        _release.SetResult();
        Assert.Equal("well", await underWay);
        await Eventually.HoldsAsync(() => server.Mesh.Connections.Count, static count => count == 1, "the end of what is forbidden");
        await other.GetStringAsync(Address(!isSecure), TestContext.Current.CancellationToken);
        Assert.Same(bystander, Assert.Single(server.Mesh.Connections.Where(static (_, _) => true, 0)));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Address(isSecure), TestContext.Current.CancellationToken));
        Assert.Contains("PeerAuthentication", await server.Log.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mode_is_that_of_the_port()
    {
        await using var server = await Server.StartAsync(new ServerSetup
        {
            Identity = _authorities.Server(_authorities.Root),
            Listen = static builder => Microsoft.AspNetCore.Hosting.WebHostBuilderKestrelExtensions.ConfigureKestrel(builder.WebHost, static kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0);
            }),
        });
        IPEndPoint[] ports = [.. server.App.Urls.Select(static url => new IPEndPoint(IPAddress.Loopback, new Uri(url).Port))];
        server.Configuration.Apply($$"""
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: { name: ports, namespace: shop }
            spec: { selector: { matchLabels: { app: backend } }, mtls: { mode: PERMISSIVE }, portLevelMtls: { "{{ports[1].Port}}": { mode: STRICT } } }
            """);
        await Eventually.HoldsAsync(() => server.Mesh.ModeOf(ports[1].Port), static mode => mode == PeerMode.Strict);

        await using var first = await Caller.PlainAsync(ports[0]);
        await using var second = await Caller.PlainAsync(ports[1]);

        Assert.NotNull(await first.GetAsync());
        Assert.Null(await second.GetAsync());
    }

    [Fact]
    public async Task The_end_of_a_callers_certificate_is_that_of_its_connections()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await Server.StartAsync(new ServerSetup { Identity = _authorities.Server(_authorities.Root), Time = time, Handle = HoldAsync });
        await using var shortLived = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id, new() { Lifetime = TimeSpan.FromHours(1) }));
        await using var longLived = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        await using var plain = await Caller.PlainAsync(server.EndPoint);
        Assert.NotNull(await longLived.GetAsync());
        Assert.NotNull(await plain.GetAsync());
        await shortLived.WriteAsync("GET /hold HTTP/1.1\r\nHost: backend\r\n\r\n");
        await _arrived.Task;

        time.Advance(TimeSpan.FromHours(1));
        await Eventually.HoldsAsync(
            () => server.Mesh.Connections.Where(static (one, server) => !server.Allows(one), server.Mesh).Count, static lapsed => lapsed == 1, "a lapsed connection");
        _release.SetResult();

        var answer = await shortLived.ReadAnswerAsync();
        Assert.Contains("well", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        await shortLived.EndAsync();
        Assert.NotNull(await longLived.GetAsync());
        Assert.NotNull(await plain.GetAsync());
    }

    [Fact]
    public async Task Nobody_is_believed_any_longer_than_who_vouched_for_it()
    {
        var own = _authorities.Root.Issue(ServerSetup.Id);
        var source = new InMemoryCertificateSource(Believing(_authorities.Root, _authorities.Foreign));
        await using var server = await Server.StartAsync(new ServerSetup { Source = source });
        await using var stays = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id));
        await using var leaves = await Caller.TlsAsync(server.EndPoint, _authorities.Foreign.Issue(CallerCases.Id));
        Assert.NotNull(await stays.GetAsync());
        Assert.NotNull(await leaves.GetAsync());

        source.Update(Believing(_authorities.Root));

        await leaves.EndAsync();
        Assert.NotNull(await stays.GetAsync());

        MeshIdentity Believing(params MeshCertificateAuthority[] authorities) =>
            new(own.Certificate, [], [new TrustBundle(null, authorities.Select(static authority => authority.Certificate))]);
    }

    private static string Mode(string mode) => $$"""
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: default, namespace: shop }
        spec: { mtls: { mode: {{mode}} } }
        """;

    private static HttpClient Client(MeshTestCertificate certificate, string version) => new(
        new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, [], offline: true),
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
            },
        })
    {
        DefaultRequestVersion = Version.Parse(version),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private async Task HoldAsync(HttpContext context)
    {
        if (context.Request.Path == "/hold")
        {
            _arrived.TrySetResult();
            await _release.Task;
        }

        await context.Response.WriteAsync("well");
    }
}
