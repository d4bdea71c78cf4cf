using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

/// <summary>Failures of an endpoint are answered as a sidecar would, and a request is sent once.</summary>
public sealed class EndpointFailureTests
{
    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    [Fact]
    public async Task A_refused_connection_is_503_UF_and_the_reason_names_endpoint_and_cause()
    {
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", UnusedPort()));
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal($"{mesh.Endpoint().Name} of test/backend:80 could not be connected to: Connection refused", response.ReasonPhrase);
        Assert.Equal(("UF", 1), (response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    public static TheoryData<string, bool> BodilessMethods => new()
    {
        { "GET", false }, { "DELETE", false }, { "HEAD", false }, { "POST", false },
        { "GET", true }, { "DELETE", true }, { "HEAD", true }, { "POST", true },
    };

    [Theory]
    [MemberData(nameof(BodilessMethods))]
    public async Task A_connection_closed_without_an_answer_is_503_UC_and_the_request_is_sent_once(string method, bool reset)
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            if (reset)
            {
                connection.Reset();
            }
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(options: Recording);
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://backend/");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("UC", response.GetMeshCall()!.Flags);
        Assert.Equal(1, server.Requests);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Theory]
    [MemberData(nameof(BodilessMethods))]
    public async Task The_same_on_a_connection_that_has_served_before(string method, bool reset)
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.OkAsync();
            await connection.ReadHeadAsync();
            if (reset)
            {
                connection.Reset();
            }
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(options: Recording);
        Assert.Equal("ok", await client.GetStringAsync("http://backend/"));
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://backend/");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("UC", response.GetMeshCall()!.Flags);
        Assert.Equal(2, server.Requests);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task An_idle_connection_that_the_server_closed_does_not_harm_the_next_request()
    {
        await using var server = RawServer.Start(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.OkAsync();
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("ok", await client.GetStringAsync("http://backend/"));
            await Eventually.HoldsAsync(() => !IsEstablished(server.EndPoint.Port), "the client has heard of the end");
        }

        Assert.Equal(5, server.Connections);
    }

    // As the client's side of the connection sees it.
    private static bool IsEstablished(int port) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Any(connection => connection.RemoteEndPoint.Port == port && connection.State == TcpState.Established);

    [Fact]
    public async Task Half_a_head_is_503_UC_and_the_request_is_sent_once()
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-");
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("UC", response.GetMeshCall()!.Flags);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task No_HTTP_at_all_is_502_UPE()
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("SSH-2.0-OpenSSH_9.2\r\n\r\n");
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("UPE", response.GetMeshCall()!.Flags);
        Assert.StartsWith($"{mesh.Endpoint().Name} of test/backend:80 broke the rules of HTTP: ", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task A_connection_lost_under_a_request_body_is_503_UC()
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.ReadBytesAsync(100_000);
            connection.Reset();
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.PostAsync("http://backend/", new ByteArrayContent(new byte[20_000_000]));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("UC", response.GetMeshCall()!.Flags);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task An_HTTP2_stream_that_is_reset_is_503_UC_and_the_request_is_sent_once()
    {
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http2, static context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.DeleteAsync("http://backend/");

        Assert.Equal("UC", response.GetMeshCall()!.Flags);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task An_endpoint_that_speaks_no_HTTP2_where_the_port_says_so_is_503()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient();

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(0, server.Requests);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task A_dial_that_takes_longer_than_the_connect_timeout_is_503_UF()
    {
        // A queue of one that nobody empties: the kernel drops further SYNs.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(address);
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", address)
            .Clustered(static c => c with { ConnectTimeout = TimeSpan.FromMilliseconds(150) }));
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("UF", response.GetMeshCall()!.Flags);
        Assert.Contains("within 0.15 s", response.ReasonPhrase, StringComparison.Ordinal);
    }

    public static TheoryData<Exception> CallersExceptions => [new InvalidOperationException("mine"), new IOException("my disk is full")];

    [Theory]
    [MemberData(nameof(CallersExceptions))]
    public async Task An_exception_of_the_callers_own_body_is_the_callers(Exception thrown)
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        var seen = await Assert.ThrowsAnyAsync<Exception>(() => client.PostAsync("http://backend/", new ThrowingContent(thrown)));

        Assert.Same(thrown, seen.GetBaseException());
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        await Echo.ReadAsync(await client.GetAsync("http://backend/"));
    }

    [Fact]
    public async Task A_misuse_of_the_client_is_the_callers_exception()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        request.Headers.TransferEncodingChunked = true; // without a body

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(request));

        Assert.Null(error.StatusCode);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    private static IPEndPoint UnusedPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private sealed class ThrowingContent(Exception error) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[10]);
            await stream.FlushAsync();
            throw error;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
