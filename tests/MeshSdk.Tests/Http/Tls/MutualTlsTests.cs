using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tests.Http.Tls;

/// <summary>Requests over mutual TLS with identities of the mesh look to both sides as they do without.</summary>
public sealed class MutualTlsTests : IAsyncDisposable
{
    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    private readonly SecureMesh _secure = new();

    public ValueTask DisposeAsync() => _secure.DisposeAsync();

    private async Task<(TestMesh Mesh, TlsServer Server)> StartAsync(ClusterProtocol protocol, int port = 80, TlsServerOptions? options = null)
    {
        var server = await _secure.ServeAsync(options: options);
        return (await _secure.StartAsync(Snapshots.Service("backend", server.EndPoint).OnPort(port).Speaking(protocol).WantingTls()), server);
    }

    [Theory]
    [InlineData(nameof(ClusterProtocol.Http1), "HTTP/1.1")]
    [InlineData(nameof(ClusterProtocol.Http2), "HTTP/2")]
    public async Task Both_sides_know_who_the_other_is(string speaks, string protocol)
    {
        var (mesh, server) = await StartAsync(Enum.Parse<ClusterProtocol>(speaks));
        using var client = mesh.CreateClient(options: Recording);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/a%2Fb?q=%20x") { Content = new StringContent("body") };
        var before = MessageSnapshot.Of(request);

        using var response = await client.SendAsync(request);
        var echo = await Echo.ReadAsync(response);

        Assert.Equal((protocol, "/a%2Fb?q=%20x", "body", "backend"), (echo.Protocol, echo.Target, echo.Body, echo.Headers["host"]));
        Assert.Equal("http", echo.Headers["x-forwarded-proto"]);
        Assert.Equal(SecureMesh.Caller, response.Headers.GetValues("x-client").Single());
        var seen = Assert.Single(server.Clients);
        Assert.Equal((SecureMesh.Caller, "outbound_.80_._.backend.test.svc.cluster.local"), (seen.Identity, seen.ServerName));
        var call = response.GetMeshCall()!;
        Assert.Equal((Snapshots.Identity, "-", 1), (call.Peer, call.Flags, call.Attempts));
        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Same(request, response.RequestMessage);
    }

    [Theory]
    [InlineData(nameof(ClusterProtocol.Http1))]
    [InlineData(nameof(ClusterProtocol.Http2))]
    public async Task A_synchronous_call_is_sent_too(string speaks)
    {
        var (mesh, _) = await StartAsync(Enum.Parse<ClusterProtocol>(speaks));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");

        using var response = client.Send(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    // URI, Host that the caller sets → what the server sees
    public static TheoryData<string, string?, string> Authorities => new()
    {
        { "http://backend:80/", null, "backend" },
        { "http://backend.test:80/", null, "backend.test" },
        { "http://backend.test.svc.cluster.local./", null, "backend.test.svc.cluster.local." },
        { "http://backend:443/", null, "backend:443" },
        { "http://backend.test:443/", null, "backend.test:443" },
        { "http://backend:8080/", null, "backend:8080" },
        { "http://backend.test:8080/", null, "backend.test:8080" },
        { "http://backend:8080/", "own.example", "own.example" },
        { "http://backend:80/", "own.example:123", "own.example:123" },
        { "https://backend:443/", null, "backend" },
        { "https://backend.test:443/", null, "backend.test" },
        { "https://backend:8443/", null, "backend:8443" },
        { "https://backend:80/", null, "backend:80" },
    };

    [Theory]
    [MemberData(nameof(Authorities))]
    public async Task The_server_sees_the_authority_that_it_would_see_in_plaintext(string uri, string? host, string seen)
    {
        foreach (var speaks in (ClusterProtocol[])[ClusterProtocol.Http1, ClusterProtocol.Http2])
        {
            await using var secure = new SecureMesh();
            var server = await secure.ServeAsync();
            var mesh = await secure.StartAsync(Snapshots.Service("backend", server.EndPoint).OnPort(new Uri(uri).Port).Speaking(speaks).WantingTls());
            using var client = mesh.CreateClient();
            await Echo.ReadAsync(await client.GetAsync($"http://backend:{new Uri(uri).Port}/")); // so that it is the canonical name
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.Host = host;

            var echo = await Echo.ReadAsync(await client.SendAsync(request));

            Assert.Equal(seen, echo.Headers["host"]);
            Assert.Equal(new Uri(uri).Scheme, echo.Headers["x-forwarded-proto"]);
            Assert.Equal((new Uri(uri), host), (request.RequestUri, request.Headers.Host));
        }
    }

    [Fact]
    public async Task Names_and_Host_headers_share_connections_of_HTTP1()
    {
        var (mesh, _) = await StartAsync(ClusterProtocol.Http1);
        using var client = mesh.CreateClient();
        var connections = new HashSet<string>();
        foreach (var (host, header) in ((string, string?)[])[("backend", null), ("backend.test", null), ("backend", "a.example"), ("backend", "b.example")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{host}/");
            request.Headers.Host = header;
            using var response = client.Send(request, TestContext.Current.CancellationToken);
            connections.Add((await Echo.ReadAsync(response)).Connection);
        }

        Assert.Single(connections);
    }

    [Fact]
    public async Task Of_HTTP2_each_name_has_one_and_ports_make_no_difference()
    {
        var (mesh, _) = await StartAsync(ClusterProtocol.Http2);
        using var client = mesh.CreateClient();
        var connections = new List<string>();
        foreach (var (host, header) in ((string, string?)[])
            [("backend", null), ("backend", "backend"), ("backend", "backend:80"), ("backend", null), ("backend.test", null), ("backend.test", null)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{host}/");
            request.Headers.Host = header;
            connections.Add((await Echo.ReadAsync(await client.SendAsync(request))).Connection);
        }

        Assert.Single(connections.Take(4).Distinct());
        Assert.Single(connections.Skip(4).Distinct());
    }

    [Theory]
    [InlineData("1.1", HttpVersionPolicy.RequestVersionOrLower, "HTTP/1.1")]
    [InlineData("1.1", HttpVersionPolicy.RequestVersionOrHigher, "HTTP/1.1")]
    [InlineData("2.0", HttpVersionPolicy.RequestVersionOrLower, "HTTP/1.1")]
    [InlineData("2.0", HttpVersionPolicy.RequestVersionExact, "HTTP/2")]
    public async Task An_https_call_goes_over_the_meshs_TLS_in_the_place_of_its_own(string version, HttpVersionPolicy policy, string protocol)
    {
        var (mesh, server) = await StartAsync(ClusterProtocol.Auto, port: 443);

        // The client's own handler believes nobody that the server's certificate is of.
        using var client = mesh.CreateClient(options: Recording);
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://backend/") { Version = Version.Parse(version), VersionPolicy = policy };

        using var response = await client.SendAsync(request);
        var echo = await Echo.ReadAsync(response);

        Assert.Equal((protocol, "https", "backend"), (echo.Protocol, echo.Headers["x-forwarded-proto"], echo.Headers["host"]));
        Assert.Equal(Snapshots.Identity, response.GetMeshCall()!.Peer);
        Assert.Equal("outbound_.443_._.backend.test.svc.cluster.local", Assert.Single(server.Clients).ServerName);
    }

    [Fact]
    public async Task What_the_application_says_of_the_scheme_is_its_own()
    {
        var (mesh, _) = await StartAsync(ClusterProtocol.Http2);
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Client-Cert", "URI=spiffe://cluster.local/ns/a/sa/admin");
        var before = MessageSnapshot.Of(request);

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.Equal("https", echo.Headers["x-forwarded-proto"]);
        Assert.DoesNotContain("x-forwarded-client-cert", echo.Headers.Keys);
        Assert.Equal(before, MessageSnapshot.Of(request));
    }

    [Fact]
    public async Task A_gRPC_call_gets_its_trailers()
    {
        var (mesh, _) = await StartAsync(ClusterProtocol.Auto, options: new TlsServerOptions { Roots = _secure.Authority.RootPem, Handle = Answer });
        using var client = mesh.CreateClient(options: Recording);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/echo.Echo/Say")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } },
        };

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal(Snapshots.Identity, response.GetMeshCall()!.Peer);

        static async Task Answer(HttpContext context)
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }

    [Fact]
    public async Task In_plaintext_there_is_no_peer()
    {
        await using var server = await EchoServer.StartAsync();
        var mesh = await _secure.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.GetAsync("http://backend/");

        Assert.Null(response.GetMeshCall()!.Peer);
    }

    [Fact]
    public async Task A_redirect_is_followed_by_the_scheme_that_the_application_called()
    {
        var target = await _secure.ServeAsync(name: "target");
        var server = await _secure.ServeAsync(options: new TlsServerOptions { Handle = static context =>
        {
            context.Response.Redirect("http://target/there");
            return Task.CompletedTask;
        } });
        var mesh = await _secure.StartAsync(
            Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2).WantingTls(),
            Snapshots.Service("target", target.EndPoint).Speaking(ClusterProtocol.Http2).WantingTls());
        using var client = mesh.CreateClient();

        Assert.Equal(("target", "/there"), await client.GetAsync("http://backend/") is var response && await Echo.ReadAsync(response) is var echo ? (echo.Server, echo.Target) : default);
    }
}
