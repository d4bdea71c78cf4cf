using System.Net;
using System.Net.WebSockets;
using System.Text;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http;

/// <summary>Connections that become something else than HTTP.</summary>
public sealed class UpgradeTests
{
    private static readonly RequestDelegate Echo = static async context =>
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
        {
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
    };

    [Theory]
    [InlineData("ws://backend/socket", "Auto")]
    [InlineData("ws://backend.test/socket", "Auto")]
    [InlineData("ws://backend/socket", "Http2")] // an upgrade exists in HTTP/1.1 only
    public async Task A_web_socket_takes_the_routes(string uri, string port)
    {
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http1, Echo);
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(Enum.Parse<ClusterProtocol>(port)));
        _ = mesh.Runtime.Engine.FindFrontend(new Uri("http://backend"))!.CanonicalHost("backend");
        using var invoker = new HttpMessageInvoker(mesh.CreateHandler());
        using var socket = new ClientWebSocket();

        await socket.ConnectAsync(new Uri(uri), invoker, CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"hello {i}"), WebSocketMessageType.Text, true, CancellationToken.None);
            var buffer = new byte[100];
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
            Assert.Equal($"hello {i}", Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        Assert.Equal(1, mesh.Endpoint().ActiveRequests);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        Assert.Equal(WebSocketState.Closed, socket.State);
        socket.Dispose();
        await Eventually.IdleAsync(mesh);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)] // an upgrade
    [InlineData(HttpProtocols.Http2)] // an extended CONNECT
    public async Task A_web_socket_outlives_the_timeouts_of_its_route_and_is_not_mirrored(HttpProtocols protocol)
    {
        var mirror = new MirrorFilter(new BackendModel(Snapshots.Cluster("backend"), 1), 1, 1);
        await using var server = await EchoServer.StartAsync("one", protocol, Echo);
        var time = new FakeTimeProvider();
        await using var mesh = await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions()) { Time = time },
            Snapshots.Service("backend", server.EndPoint).Speaking(protocol == HttpProtocols.Http1 ? ClusterProtocol.Http1 : ClusterProtocol.Http2)
                .Routed(RuledMesh.Rule(RuledMesh.Timeouts(500, 400), RuledMesh.Retry(1, 503)) with { Filters = [mirror] }));
        using var invoker = new HttpMessageInvoker(mesh.CreateHandler());
        using var socket = new ClientWebSocket();
        if (protocol == HttpProtocols.Http2)
        {
            (socket.Options.HttpVersion, socket.Options.HttpVersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }

        await socket.ConnectAsync(new Uri("ws://backend/"), invoker, CancellationToken.None);
        Assert.Equal(1, mesh.Endpoint().ActiveRequests);
        Assert.Equal(0, mesh.Runtime.Engine.Attempts.Mirrors.Running);
        time.Advance(TimeSpan.FromHours(1));
        await socket.SendAsync(Encoding.UTF8.GetBytes("late"), WebSocketMessageType.Text, true, CancellationToken.None);

        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal("late", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task The_end_of_an_upgraded_connection_is_an_end_and_no_error()
    {
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: line\r\n\r\n");
            await connection.ReadBytesAsync(4);
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var invoker = new HttpMessageInvoker(mesh.CreateHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { { "Connection", "Upgrade" }, { "Upgrade", "line" } } };

        using var response = await invoker.SendAsync(request, CancellationToken.None);
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.WriteAsync("quit"u8.ToArray());

        Assert.Equal(0, await stream.ReadAsync(new byte[10]));
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }
}
