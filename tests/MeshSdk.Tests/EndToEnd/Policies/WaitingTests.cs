using System.Net;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>Calls that wait for a connection, of which there is one: they may give up, and what they wait for may go.</summary>
public sealed class WaitingTests
{
    private static readonly string OneConnection = PolicyYaml.Rule("connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}");

    private static Task<int> WaitingAsync(PolicyMesh mesh, int calls) =>
        Eventually.HoldsAsync(() => mesh.Cluster.Use.Pending, pending => pending == calls, $"{calls} calls wait");

    [Fact]
    public async Task Who_gives_up_leaves_the_place_to_the_next()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(server.Server) + OneConnection);
        var first = mesh.GetAsync();
        await server.HoldsAsync(1);
        for (var i = 0; i < 5; i++)
        {
            using var stop = new CancellationTokenSource();
            var waiting = mesh.Client.GetAsync("http://backend/", stop.Token);
            await WaitingAsync(mesh, 1);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            await WaitingAsync(mesh, 0);
        }

        var last = mesh.GetAsync();
        await WaitingAsync(mesh, 1);
        server.Let();
        Assert.All(await Task.WhenAll(first, last), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        await mesh.IdleAsync();
        Assert.Equal((1, 2), (server.Server.Connections, server.Server.Requests));
    }

    [Fact]
    public async Task A_route_s_timeout_holds_for_those_who_wait()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(server.Server) + OneConnection + PolicyYaml.Routed("timeouts: {request: 2s}"));
        var first = mesh.GetAsync();
        await server.HoldsAsync(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        var waiting = mesh.GetAsync();
        await WaitingAsync(mesh, 1);

        // A second later the first one's time is over, and the other one gets the place.
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        using var late = await first.WaitAsync(TimeSpan.FromSeconds(60));
        await WaitingAsync(mesh, 0);

        // The server may not have noticed yet that the first one is gone.
        await Eventually.HoldsAsync(() => server.Server.Requests, static requests => requests == 2, "the other request is at the server");
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        using var later = await waiting.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal((HttpStatusCode.GatewayTimeout, HttpStatusCode.GatewayTimeout), (late.StatusCode, later.StatusCode));
        await mesh.IdleAsync();
        await Eventually.HoldsAsync(() => mesh.Cluster.Use.Connections, static connections => connections == 0, "connections with unanswered requests are closed");
    }

    [Fact]
    public async Task When_the_endpoint_goes_those_who_wait_for_it_are_served_by_another()
    {
        await using var leaving = await HoldingServer.StartAsync();
        await using var coming = await EchoServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(leaving.Server) + OneConnection);
        var first = mesh.GetAsync();
        await leaving.HoldsAsync(1);
        var waiting = mesh.GetAsync();
        await WaitingAsync(mesh, 1);

        await mesh.ApplyAsync(PolicyYaml.Endpoint(coming.EndPoint));
        await mesh.DeleteAsync("EndpointSlice", $"backend-{leaving.EndPoint.Port}");
        leaving.Let();

        Assert.All(
            await Task.WhenAll(first, waiting).WaitAsync(TimeSpan.FromSeconds(60)), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        using var next = await mesh.GetAsync();
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        await mesh.IdleAsync();
        Assert.Equal(3, leaving.Server.Requests + coming.Requests);
        Assert.InRange(coming.Requests, 1, 2);
    }

    [Fact]
    public async Task A_limit_that_is_raised_lets_those_who_wait_go()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(server.Server) + OneConnection);
        Task<HttpResponseMessage>[] calls = [mesh.GetAsync(), mesh.GetAsync()];
        await server.HoldsAsync(1);
        await WaitingAsync(mesh, 1);

        await mesh.ApplyAsync(PolicyYaml.Rule("connectionPool: {tcp: {maxConnections: 2}}"));

        await server.HoldsAsync(2);
        server.Let();
        Assert.All(await Task.WhenAll(calls), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }
}
