using System.Net;
using System.Net.Sockets;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Tests.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Tests.Hosting;

/// <summary>However an endpoint comes to be, it goes through the mesh, or the server does not start and says which one does not.</summary>
public sealed class EndpointTests : IDisposable
{
    private const string Strict = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: default, namespace: shop }
        spec: { mtls: { mode: STRICT } }
        """;

    private static readonly Dictionary<string, Action<WebApplicationBuilder>> Ways = new()
    {
        ["Listen"] = static builder => builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0)),
        ["ListenAnyIP"] = static builder => builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ListenAnyIP(0)),
        ["ListenLocalhost"] = static builder => builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ListenLocalhost(FreePort())),
        ["UseUrls with an address"] = static builder => builder.WebHost.UseUrls("http://127.0.0.1:0"),
        ["UseUrls with localhost"] = static builder => builder.WebHost.UseUrls($"http://localhost:{FreePort()}"),
        ["UseUrls with a star"] = static builder => builder.WebHost.UseUrls("http://*:0"),
        ["UseUrls with a plus"] = static builder => builder.WebHost.UseUrls("http://+:0"),
        ["UseUrls with any address"] = static builder => builder.WebHost.UseUrls("http://0.0.0.0:0"),
        ["the configuration of Kestrel"] = static builder =>
        {
            builder.Configuration.AddInMemoryCollection([new("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0")]);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Configure(builder.Configuration.GetSection("Kestrel")));
        },
        ["all protocols"] = static builder => builder.WebHost.ConfigureKestrel(
            static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http1AndHttp2AndHttp3)),
        ["own defaults that lead into the mesh"] = static builder => builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.UseMeshIdentity());
            kestrel.Listen(IPAddress.Loopback, 0);
        }),
        ["into the mesh twice"] = static builder => builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseMeshIdentity())),
        ["UseMeshIdentity twice"] = static builder => builder.WebHost.UseMeshIdentity().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0)),
    };

    private static readonly Dictionary<string, Action<WebApplicationBuilder>> Gaps = new()
    {
        ["endpoints in code"] = static builder => builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0);
        }),
        ["one of two"] = static builder => builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ConfigureEndpointDefaults(static _ => { });
            kestrel.Listen(IPAddress.Loopback, 0);
        }),
        ["addresses"] = static builder => builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(static kestrel => kestrel.ConfigureEndpointDefaults(static _ => { })),
        ["localhost"] = static builder => builder.WebHost.UseUrls($"http://localhost:{FreePort()}").ConfigureKestrel(static kestrel => kestrel.ConfigureEndpointDefaults(static _ => { })),
    };

    private readonly Authorities _authorities = new();

    public static TheoryData<string> WaysToListen => [.. Ways.Keys];

    public static TheoryData<string> WaysToMiss => [.. Gaps.Keys];

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [MemberData(nameof(WaysToListen))]
    public async Task Every_way_to_listen_leads_through_the_mesh(string way)
    {
        await using var server = await StartAsync(Ways[way]);

        await using var known = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id), ["istio-http/1.1", "istio", "http/1.1"]);
        await using var plain = await Caller.PlainAsync(server.EndPoint);

        Assert.Contains(CallerCases.Id, await known.GetAsync(), StringComparison.Ordinal);
        Assert.Contains("nobody", await plain.GetAsync(), StringComparison.Ordinal);
        Assert.Equal(2, server.Mesh.Connections.Count);
        Assert.All(
            server.Mesh.Connections.Where(static (_, _) => true, 0),
            one => Assert.Equal((IPAddress.Loopback, server.EndPoint.Port), (one.RemoteAddress, one.LocalPort)));
    }

    [Fact]
    public async Task An_endpoint_of_IPv6_leads_through_the_mesh()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "there is no IPv6 here");
        await using var server = await StartAsync(static builder => builder.WebHost.UseUrls("http://[::1]:0"));
        await using var known = await Caller.TlsAsync(new IPEndPoint(IPAddress.IPv6Loopback, server.EndPoint.Port), _authorities.Root.Issue(CallerCases.Id));

        Assert.Contains(CallerCases.Id, await known.GetAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_of_Unix_leads_through_the_mesh()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "there are no such sockets here");
        var path = Path.Combine(Path.GetTempPath(), $"mesh-{Guid.NewGuid():n}.sock");
        await using var server = await StartAsync(builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path)));
        await using var known = await Caller.TlsAsync(new UnixDomainSocketEndPoint(path), _authorities.Root.Issue(CallerCases.Id));

        Assert.Contains(CallerCases.Id, await known.GetAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WaysToMiss))]
    public async Task Endpoints_that_miss_the_mesh_fail_the_start_by_name(string way)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(Gaps[way]));

        Assert.Matches(@"^http://(127\.0\.0\.1|localhost):\d+ does not go through the mesh", error.Message);
        Assert.Contains("endpoint.UseMeshIdentity()", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoints_that_were_configured_before_the_mesh_go_through_it_too()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0)).UseMeshIdentity();
        await using var app = builder.Build();
        app.Run(static _ => Task.CompletedTask);

        await app.StartAsync(TestContext.Current.CancellationToken);

        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task TLS_of_the_applications_own_is_left_alone_and_proves_nobody()
    {
        var certificate = _authorities.Foreign.Issue(null, new() { DnsNames = ["backend"] });
        await using var server = await StartAsync(builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate.Certificate));
            kestrel.Listen(IPAddress.Loopback, 0);
        }));
        await using (var own = await Caller.TlsAsync(server.EndPoint, null))
        {
            Assert.Contains("nobody", await own.GetAsync(), StringComparison.Ordinal);
            await server.Log.LineAsync("the application does TLS itself");

            server.Configuration.Apply(Strict);
            await own.EndAsync();
        }

        var error = await Record.ExceptionAsync(() => Caller.TlsAsync(server.EndPoint, null));
        Assert.NotNull(error);
        Assert.Contains("TLS is the application's own", await server.Log.RefusalAsync(), StringComparison.Ordinal);
        await using var known = await Caller.TlsAsync(
            new IPEndPoint(IPAddress.Loopback, new Uri(server.App.Urls.Last()).Port), _authorities.Root.Issue(CallerCases.Id));
        Assert.Contains(CallerCases.Id, await known.GetAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoints_of_HTTP3_are_named_as_none_of_the_mesh()
    {
        var certificate = _authorities.Foreign.Issue(null, new() { DnsNames = ["backend"] });
        await using var server = await StartAsync(builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1AndHttp2AndHttp3;
                endpoint.UseHttps(certificate.Certificate);
            });
            kestrel.Listen(IPAddress.Loopback, 0);
        }));

        var line = Assert.Single(server.Log.Lines, static line => line.Text.Contains("HTTP/3 is asked for", StringComparison.Ordinal));
        Assert.Contains($"At {server.App.Urls.First()} HTTP/3", line.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_plaintext_endpoint_is_one_under_STRICT(bool byNumber)
    {
        var port = FreePort();
        await using var server = await StartAsync(
            builder => builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, byNumber ? port : 0, endpoint =>
                {
                    if (!byNumber)
                    {
                        endpoint.UseMeshPlaintext();
                    }
                });
                kestrel.Listen(IPAddress.Loopback, 0);
            }),
            options =>
            {
                options.Mode = PeerAuthenticationMode.Strict;
                options.PlaintextPorts = byNumber ? [port] : [];
            });
        await using var probe = await Caller.PlainAsync(server.EndPoint);
        await using var other = await Caller.PlainAsync(new IPEndPoint(IPAddress.Loopback, new Uri(server.App.Urls.Last()).Port));

        Assert.NotNull(await probe.GetAsync("/healthz"));
        Assert.True(Assert.Single(server.Mesh.Connections.Where(static (one, _) => one.Phase == ConnectionPhase.Open && one.LocalPort > 0, 0)).IsExempt);
        Assert.Null(await other.GetAsync("/healthz"));
    }

    [Fact]
    public async Task A_plaintext_port_that_nobody_listens_at_is_warned_of()
    {
        await using var server = await StartAsync(Ways["Listen"], static options => options.PlaintextPorts = [9]);

        Assert.Contains(server.Log.Lines, static line => line.Level == LogLevel.Warning && line.Text.Contains("PlaintextPorts names 9", StringComparison.Ordinal));
    }

    [Fact]
    public void An_endpoint_of_a_server_that_is_none_of_the_mesh_cannot_be_its()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseMeshPlaintext()));

        var error = Assert.Throws<InvalidOperationException>(builder.Build);

        Assert.Contains("call UseMeshIdentity() on the web host", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_servers_in_one_process_are_each_themselves()
    {
        await using var first = await StartAsync(Ways["Listen"]);
        await using var second = await StartAsync(Ways["Listen"], static options => options.Mode = PeerAuthenticationMode.Strict);
        await using var one = await Caller.PlainAsync(first.EndPoint);
        await using var two = await Caller.PlainAsync(second.EndPoint);

        Assert.NotNull(await one.GetAsync());
        Assert.Null(await two.GetAsync());
    }

    [Fact]
    public async Task Behind_a_sidecar_connections_are_taken_as_Kestrel_takes_them()
    {
        await using var server = await Server.StartAsync(new ServerSetup
        {
            Identity = _authorities.Server(_authorities.Root),
            Manifests = Strict,
            Mesh = static mesh => mesh.DataPlane = MeshDataPlane.Sidecar,
        });
        await Eventually.HoldsAsync(() => server.Mesh.StandsAside, "the sidecar");
        await using var plain = await Caller.PlainAsync(server.EndPoint);
        await using var tls = await Caller.PlainAsync(server.EndPoint);

        Assert.NotNull(await plain.GetAsync());
        await tls.Stream.WriteAsync("\u0016\u0003\u0001\0\u0005hello\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 400", await tls.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    private Task<Server> StartAsync(Action<WebApplicationBuilder> listen, Action<MeshServerOptions>? options = null) =>
        Server.StartAsync(new ServerSetup { Identity = _authorities.Server(_authorities.Root), Listen = listen, Options = options });

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
