using System.Net;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>A destination rule's <c>connectionPool</c>, as the server sees it.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task With_one_connection_and_one_place_to_wait_two_of_four_calls_overflow()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(server.Server) + PolicyYaml.Rule("connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}"));
        var first = mesh.GetAsync();
        await server.HoldsAsync(1);
        var second = mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Cluster.Use.Pending, static pending => pending == 1, "the second waits");

        using var third = await mesh.GetAsync();
        using var fourth = await mesh.GetAsync();

        Assert.All([third, fourth], static response =>
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "UO"), (response.StatusCode, response.GetMeshCall()!.Flags));
            Assert.True(response.Headers.Contains("x-envoy-overloaded"));
        });
        server.Let();
        Assert.All(await Task.WhenAll(first, second), static response => Assert.Equal("-", response.GetMeshCall()!.Flags));
        Assert.Equal((1, 2), (server.Server.Connections, server.Server.Requests));
        await mesh.IdleAsync();
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("maxRequestsPerConnection: 1", 6)]
    [InlineData("maxRequestsPerConnection: 2", 3)]
    public async Task A_connection_serves_so_many_requests(string http, int connections)
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(server) + PolicyYaml.Rule($"connectionPool: {{tcp: {{connectTimeout: 5s}}, http: {{{http}}}}}"));

        Assert.Equal(0, await mesh.FailuresAsync(6));

        Assert.Equal(connections, server.Connections);
    }

    [Fact]
    public async Task A_connection_that_is_not_ready_in_time_is_given_up()
    {
        var greeted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadBytesAsync(1);
            greeted.SetResult();
            await Task.Delay(Timeout.Infinite, connection.Stop);
        });
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([server.EndPoint], "https") + PolicyYaml.Rule("connectionPool: {tcp: {connectTimeout: 700ms}}"));
        var call = mesh.Client.GetAsync("https://backend/");
        await greeted.Task.WaitAsync(TimeSpan.FromSeconds(60));
        mesh.Time.Advance(TimeSpan.FromMilliseconds(699));
        Assert.False(call.IsCompleted);

        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));

        using var response = await call.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UF"), (response.StatusCode, response.GetMeshCall()!.Flags));
        Assert.Contains("within 0.7 s", response.ReasonPhrase, StringComparison.Ordinal);
    }

    // what the rule says, what the mesh says, the version that the caller asks for → the version that is spoken
    [Theory]
    [InlineData("", "", "1.1", "HTTP/1.1")]
    [InlineData("", "", "2.0", "HTTP/1.1")]
    [InlineData("h2UpgradePolicy: UPGRADE", "", "1.1", "HTTP/2")]
    [InlineData("", "h2UpgradePolicy: UPGRADE", "1.1", "HTTP/2")]
    [InlineData("h2UpgradePolicy: DO_NOT_UPGRADE", "h2UpgradePolicy: UPGRADE", "1.1", "HTTP/1.1")]
    [InlineData("useClientProtocol: true", "", "1.1", "HTTP/1.1")]
    [InlineData("useClientProtocol: true", "", "2.0", "HTTP/2")]
    public async Task Who_decides_on_the_version(string http, string config, string asked, string spoken)
    {
        await using var server = await EchoServer.StartAsync("one", spoken == "HTTP/2" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(server)
            + PolicyYaml.Rule($"connectionPool: {{tcp: {{connectTimeout: 5s}}, http: {{{http}}}}}")
            + PolicyYaml.MeshConfig(config));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Version = Version.Parse(asked) };

        var echo = await Echo.ReadAsync(await mesh.Client.SendAsync(request));

        Assert.Equal(spoken, echo.Protocol);
    }

    [Fact]
    public async Task So_many_streams_share_a_connection()
    {
        await using var server = await HoldingServer.StartAsync(HttpProtocols.Http2);
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([server.EndPoint], "http2")
            + PolicyYaml.Rule("connectionPool: {tcp: {maxConnections: 2}, http: {maxConcurrentStreams: 3}}"));
        var calls = Enumerable.Range(0, 8).Select(_ => mesh.GetAsync()).ToArray();

        await server.HoldsAsync(6);
        await Eventually.HoldsAsync(() => mesh.Cluster.Use.Pending, static pending => pending == 2, "the others wait");

        server.Let();
        Assert.All(await Task.WhenAll(calls), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal((2, 6), (server.Server.Connections, server.HighWater));
    }

    [Fact]
    public async Task A_connection_may_begin_with_the_PROXY_protocol()
    {
        var line = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = RawServer.Start(async connection =>
        {
            line.SetResult((await connection.ReadHeadAsync())!);
            await connection.OkAsync();
        });
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([server.EndPoint]) + PolicyYaml.Rule("proxyProtocol: {version: V1}"));

        using var response = await mesh.GetAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Matches($@"^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ {server.EndPoint.Port}\r\nGET / HTTP/1\.1\r\n", await line.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }
}
