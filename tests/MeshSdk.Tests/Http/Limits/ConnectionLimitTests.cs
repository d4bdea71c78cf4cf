using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Limits;

/// <summary>The most connections, as their server counts them, and the queue for them.</summary>
public sealed class ConnectionLimitTests
{
    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    private static ServiceModel Limited(ConnectionLimits limits, params IPEndPoint[] endpoints) =>
        Snapshots.Service("backend", endpoints).Clustered(c => c with { Limits = limits });

    private static Task<int> PendingAsync(TestMesh mesh, int count) => Eventually.HoldsAsync(() => mesh.Cluster().Use.Pending, pending => pending == count, $"{count} wait");

    // The example of Istio's task on circuit breaking, without its leeway.
    [Fact]
    public async Task With_one_connection_and_one_place_in_the_queue_the_third_call_is_answered_with_503_UO()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 1, MaxPendingRequests = 1 }, server.EndPoint));
        using var client = mesh.CreateClient(options: Recording);
        var first = client.GetAsync("http://backend/");
        await server.HoldsAsync(1);
        var second = client.GetAsync("http://backend/");
        await PendingAsync(mesh, 1);

        for (var i = 0; i < 3; i++)
        {
            using var beyond = await client.GetAsync("http://backend/");
            var call = beyond.GetMeshCall()!;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, beyond.StatusCode);
            Assert.Equal("as many requests wait for a connection to test/backend:80 as its policy allows", beyond.ReasonPhrase);
            Assert.Equal("true", Assert.Single(beyond.Headers.GetValues("x-envoy-overloaded")));
            Assert.Equal(("UO", 0, null), (call.Flags, call.Attempts, call.Endpoint));
        }

        server.Let();
        Assert.All(await Task.WhenAll(first, second), static response => Assert.Equal((HttpStatusCode.OK, "-"), (response.StatusCode, response.GetMeshCall()!.Flags)));
        Assert.Equal((2, 1, 1), (server.Server.Requests, server.Server.Connections, server.HighWater));
        await Eventually.IdleAsync(mesh);
        Assert.Equal((0, 1), (mesh.Cluster().Use.Pending, mesh.Cluster().Use.Connections));
    }

    [Fact]
    public async Task A_synchronous_call_waits_its_turn_too()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 1 }, server.EndPoint));
        using var client = mesh.CreateClient();
        var first = client.GetAsync("http://backend/");
        await server.HoldsAsync(1);
        var second = Task.Factory.StartNew(
            () => client.Send(new HttpRequestMessage(HttpMethod.Get, "http://backend/")), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await PendingAsync(mesh, 1);

        server.Let();

        Assert.All(await Task.WhenAll(first, second), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(1, server.Server.Connections);
    }

    public static TheoryData<int, int> Sizes => new() { { 1, 20 }, { 4, 64 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Under_load_all_are_served_over_as_many_connections_as_may_be(int limit, int callers)
    {
        await using var server = await HoldingServer.StartAsync();
        server.Let();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = limit }, server.EndPoint));
        using var client = mesh.CreateClient();

        await Parallel.ForAsync(0, 500, new ParallelOptions { MaxDegreeOfParallelism = callers }, async (_, cancellationToken) =>
        {
            using var response = await client.GetAsync("http://backend/", cancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        });

        Assert.InRange(server.Server.Connections, 1, limit);
        Assert.InRange(server.HighWater, 1, limit);
        await Eventually.IdleAsync(mesh);
        Assert.Equal(0, mesh.Cluster().Use.Pending);
    }

    [Fact]
    public async Task The_limit_is_the_clusters_and_each_endpoint_may_have_one()
    {
        await using var one = await HoldingServer.StartAsync();
        await using var two = await HoldingServer.StartAsync();
        await using var three = await HoldingServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 2 }, one.EndPoint, two.EndPoint, three.EndPoint));
        using var client = mesh.CreateClient();
        var calls = Enumerable.Range(0, 9).Select(_ => client.GetAsync("http://backend/")).ToArray();

        await PendingAsync(mesh, 6);

        Assert.Equal(3, mesh.Cluster().Use.Connections);
        one.Let();
        two.Let();
        three.Let();
        await Task.WhenAll(calls);
        Assert.Equal([1, 1, 1], [one.Server.Connections, two.Server.Connections, three.Server.Connections]);
    }

    [Fact]
    public async Task Who_no_longer_waits_leaves_the_queue()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 1, MaxPendingRequests = 1 }, server.EndPoint));
        using var client = mesh.CreateClient();
        using var stop = new CancellationTokenSource();
        var first = client.GetAsync("http://backend/");
        await server.HoldsAsync(1);
        var gone = client.GetAsync("http://backend/", stop.Token);
        await PendingAsync(mesh, 1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await PendingAsync(mesh, 0);
        var third = client.GetAsync("http://backend/");
        await PendingAsync(mesh, 1);
        server.Let();
        Assert.All(await Task.WhenAll(first, third), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(2, server.Server.Requests);
    }

    [Fact]
    public async Task Those_who_wait_for_an_endpoint_that_leaves_go_to_another()
    {
        await using var leaving = await HoldingServer.StartAsync();
        await using var staying = await HoldingServer.StartAsync();
        staying.Let();
        var limits = new ConnectionLimits { MaxConnections = 1 };
        await using var mesh = await TestMesh.StartAsync(Limited(limits, leaving.EndPoint));
        using var client = mesh.CreateClient(options: Recording);
        var first = client.GetAsync("http://backend/");
        await leaving.HoldsAsync(1);
        var waiting = Enumerable.Range(0, 5).Select(_ => client.GetAsync("http://backend/")).ToArray();
        await PendingAsync(mesh, 5);

        mesh.Publish(Limited(limits, staying.EndPoint));

        Assert.All(await Task.WhenAll(waiting), response =>
            Assert.Equal((HttpStatusCode.OK, $"{staying.EndPoint}", 1), (response.StatusCode, response.GetMeshCall()!.Endpoint, response.GetMeshCall()!.Attempts)));
        leaving.Let();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        await Eventually.HoldsAsync(() => mesh.Cluster().Use, static use => use is { Connections: 1, Pending: 0 });
    }

    [Fact]
    public async Task Those_who_wait_for_the_last_endpoint_are_told_that_there_is_none()
    {
        await using var server = await HoldingServer.StartAsync();
        var limits = new ConnectionLimits { MaxConnections = 1 };
        await using var mesh = await TestMesh.StartAsync(Limited(limits, server.EndPoint).Routed(RuledMesh.Rule(retry: RuledMesh.Retry(2, 500))));
        using var client = mesh.CreateClient(options: Recording);
        var first = client.GetAsync("http://backend/");
        await server.HoldsAsync(1);
        var waiting = client.GetAsync("http://backend/");
        await PendingAsync(mesh, 1);

        mesh.Publish(Limited(limits).Routed(RuledMesh.Rule(retry: RuledMesh.Retry(2, 500))));

        using var response = await waiting;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UH", 0), (response.StatusCode, response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        server.Let();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
    }

    [Fact]
    public async Task Two_names_of_one_backend_share_its_connections()
    {
        await using var server = await HoldingServer.StartAsync();
        server.Let();
        await using var mesh = await TestMesh.StartAsync(
            Limited(new ConnectionLimits { MaxConnections = 1 }, server.EndPoint), Snapshots.Service("other").Routed(Snapshots.Rule(("backend", 1))));
        using var client = mesh.CreateClient();

        for (var i = 0; i < 3; i++)
        {
            foreach (var uri in new[] { "http://backend/", "http://other/" })
            {
                using var response = await client.GetAsync(uri);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(1, mesh.Cluster().Use.Connections);
            }
        }
    }

    [Fact]
    public async Task A_client_that_wants_fewer_connections_gets_no_more_and_is_in_nobodys_way()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 3 }, server.EndPoint));
        using var modest = mesh.CreateClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });
        using var other = mesh.CreateClient();
        var calls = Enumerable.Range(0, 3).Select(_ => modest.GetAsync("http://backend/")).ToList();
        await server.HoldsAsync(1);
        await PendingAsync(mesh, 2);

        calls.Add(other.GetAsync("http://backend/"));
        await server.HoldsAsync(2);
        calls.Add(other.GetAsync("http://backend/"));
        await server.HoldsAsync(3);

        Assert.Equal((3, 2), (mesh.Cluster().Use.Connections, mesh.Cluster().Use.Pending));
        server.Let();
        Assert.All(await Task.WhenAll(calls), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(3, server.Server.Connections);
    }

    [Fact]
    public async Task A_copy_for_which_there_is_no_room_is_dropped()
    {
        await using var server = await EchoServer.StartAsync();
        await using var shadow = await HoldingServer.StartAsync();
        var mirrored = RuledMesh.Rule() with { Filters = [new MirrorFilter(new BackendModel(Snapshots.Cluster("shadow"), 1), 1, 1)] };
        await using var mesh = await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions()) { Time = new FakeTimeProvider() }, // copies have ten seconds
            Snapshots.Service("backend", server.EndPoint).Routed(mirrored),
            Snapshots.Service("shadow", shadow.EndPoint).Clustered(static c => c with { Limits = new ConnectionLimits { MaxRequests = 1 } }));
        using var client = mesh.CreateClient();
        var mirrors = mesh.Runtime.Engine.Attempts.Mirrors;
        using (await client.GetAsync("http://backend/"))
        {
        }

        await shadow.HoldsAsync(1);
        using (await client.GetAsync("http://backend/"))
        {
        }

        // That of the second call is gone, that of the first still waits for its answer.
        await Eventually.HoldsAsync(() => mirrors.Running, static running => running == 1, "one copy is under way");
        Assert.Equal(1, mesh.Cluster("http://shadow").Use.Requests);
        shadow.Let();
        await Eventually.HoldsAsync(() => mesh.Cluster("http://shadow").Use.Requests == 0);
        Assert.Equal(1, shadow.Server.Requests);
    }

    public static TheoryData<int, int, int> Lives => new() { { 1, 6, 6 }, { 3, 9, 3 }, { 3, 10, 4 } };

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task A_connection_closes_after_so_many_requests(int each, int requests, int connections)
    {
        await using var server = await HoldingServer.StartAsync();
        server.Let();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxRequestsPerConnection = each }, server.EndPoint));
        using var client = mesh.CreateClient();

        for (var i = 0; i < requests; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(connections, server.Server.Connections);
        Assert.Equal(requests % each == 0 ? 0 : 1, mesh.Cluster().Use.Connections);
    }

    [Fact]
    public async Task So_does_one_of_HTTP_2_with_requests_side_by_side()
    {
        await using var server = await HoldingServer.StartAsync(HttpProtocols.Http2);
        await using var mesh = await TestMesh.StartAsync(
            Limited(new ConnectionLimits { MaxRequestsPerConnection = 3 }, server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient();
        var calls = Enumerable.Range(0, 9).Select(_ => client.GetAsync("http://backend/")).ToArray();
        await server.HoldsAsync(9);
        Assert.Equal(3, mesh.Cluster().Use.Connections);

        server.Let();
        await Task.WhenAll(calls);

        Assert.Equal(3, server.Server.Connections);
        await Eventually.HoldsAsync(() => mesh.Cluster().Use.Connections == 0, "all connections closed");
    }

    [Fact]
    public async Task So_many_streams_share_a_connection()
    {
        await using var server = await HoldingServer.StartAsync(HttpProtocols.Http2);
        await using var mesh = await TestMesh.StartAsync(
            Limited(new ConnectionLimits { MaxConcurrentStreams = 2, MaxConnections = 3 }, server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient();
        var calls = Enumerable.Range(0, 10).Select(_ => client.GetAsync("http://backend/")).ToArray();

        await server.HoldsAsync(6);
        await PendingAsync(mesh, 4);
        server.Let();
        await Task.WhenAll(calls);

        Assert.Equal((3, 6), (server.Server.Connections, server.HighWater));
    }

    [Fact]
    public async Task A_server_that_allows_more_streams_than_is_usual_gets_them()
    {
        var arrived = 0;
        var all = new TaskCompletionSource();
        await using var server = await EchoServer.StartAsync("many", HttpProtocols.Http2, async context =>
        {
            if (Interlocked.Increment(ref arrived) == 150)
            {
                all.SetResult();
            }

            await all.Task;
            await context.Response.WriteAsync("ok");
        }, streams: 200);
        await using var mesh = await TestMesh.StartAsync(
            Limited(new ConnectionLimits { MaxConnections = 1 }, server.EndPoint).Speaking(ClusterProtocol.Http2));
        using var client = mesh.CreateClient();

        var responses = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => client.GetAsync("http://backend/"))).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.All(responses, static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_connection_that_died_is_replaced_within_the_limit()
    {
        await using var server = RawServer.Start(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.OkAsync(); // and closes
        });
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 1 }, server.EndPoint));
        using var client = mesh.CreateClient(options: Recording);
        for (var i = 0; i < 10; i++)
        {
            // The server may close while the next request is on its way.
            using var response = await client.GetAsync("http://backend/");
            Assert.Contains(response.GetMeshCall()!.Flags, new[] { "-", "UC" });
        }

        await Eventually.IdleAsync(mesh);
        Assert.InRange(mesh.Cluster().Use.Connections, 0, 1);
        Assert.InRange(server.Connections, 5, 10);
    }

    [Fact]
    public async Task One_that_cannot_be_made_gives_its_place_back()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var gone = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 1, MaxPendingRequests = 1 }, gone));
        using var client = mesh.CreateClient(options: Recording);

        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            Assert.Equal(("UF", 1), (response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
            Assert.Equal(0, mesh.Cluster().Use.Connections);
        }
    }

    [Fact]
    public async Task A_body_that_nobody_reads_holds_its_connection_until_it_is_disposed_of()
    {
        await using var server = await EchoServer.StartAsync("big", static context => context.Response.WriteAsync(new string('x', 10_000_000)));
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 1 }, server.EndPoint));
        using var client = mesh.CreateClient();
        var first = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
        var second = client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
        await PendingAsync(mesh, 1);

        first.Dispose();

        using var response = await second;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_idle_connection_gives_its_place_back_when_it_closes()
    {
        await using var server = await HoldingServer.StartAsync();
        server.Let();
        await using var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 1 }, server.EndPoint)
            .Clustered(static c => c with { Connections = new ConnectionSettings { IdleTimeout = TimeSpan.FromSeconds(1) } }));
        using var client = mesh.CreateClient();
        using (await client.GetAsync("http://backend/"))
        {
        }

        Assert.Equal(1, mesh.Cluster().Use.Connections);
        await Eventually.HoldsAsync(() => mesh.Cluster().Use.Connections == 0, "the idle connection is closed");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Idle_connections_of_clients_that_are_gone_close(int endpoints)
    {
        await using var one = await HoldingServer.StartAsync();
        await using var two = await HoldingServer.StartAsync();
        one.Let();
        two.Let();
        await using var mesh = await TestMesh.StartAsync(
            Limited(new ConnectionLimits { MaxConnections = 100 }, [.. new[] { one.EndPoint, two.EndPoint }.Take(endpoints)])
                .Clustered(static c => c with { Connections = new ConnectionSettings { IdleTimeout = TimeSpan.Zero } }));
        using var staying = mesh.CreateClient();
        await CallAsync(staying, endpoints);
        for (var i = 0; i < 4; i++)
        {
            await ComeAndGoAsync(mesh, endpoints);
        }

        Assert.Equal(5 * endpoints, mesh.Cluster().Use.Connections);
        await Collected.True(() => mesh.Cluster().Use.Connections == endpoints, "only those of the client that stays are left");
        await Eventually.HoldsAsync(() => one.Server.OpenConnections + two.Server.OpenConnections == endpoints, "they are closed");
        await CallAsync(staying, endpoints);
        Assert.Equal(endpoints, mesh.Cluster().Use.Connections);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task ComeAndGoAsync(TestMesh mesh, int calls)
        {
            using var client = mesh.CreateClient(new SocketsHttpHandler { Credentials = new NetworkCredential("user", "password") });
            await CallAsync(client, calls);
        }

        static async Task CallAsync(HttpClient client, int calls)
        {
            for (var i = 0; i < calls; i++)
            {
                using var response = await client.GetAsync("http://backend/");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
        }
    }

    [Fact]
    public async Task A_mesh_that_is_disposed_of_lets_nobody_wait()
    {
        await using var server = await HoldingServer.StartAsync();
        var mesh = await TestMesh.StartAsync(Limited(new ConnectionLimits { MaxConnections = 1 }, server.EndPoint));
        using var client = mesh.CreateClient();
        var first = client.GetAsync("http://backend/");
        await server.HoldsAsync(1);
        var waiting = client.GetAsync("http://backend/");
        await PendingAsync(mesh, 1);

        await mesh.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        server.Let();
        using var response = await first;
    }
}
