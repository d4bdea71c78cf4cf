using System.Net;
using System.Text;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Limits;

/// <summary>What a policy says of connections changes while requests are under way.</summary>
public sealed class ConnectionChangeTests
{
    [Fact]
    public async Task New_settings_make_new_connections_and_what_was_learned_of_the_endpoint_stays()
    {
        await using var server = await HoldingServer.StartAsync();
        var service = Snapshots.Service("backend", server.EndPoint);
        await using var mesh = await TestMesh.StartAsync(service);
        using var client = mesh.CreateClient();
        var before = mesh.Endpoint();
        var first = client.GetAsync("http://backend/");
        await server.HoldsAsync(1);

        mesh.Publish(service.Clustered(static c => c with { Connections = new ConnectionSettings { Keepalive = new TcpKeepalive(3, null, null) } }));

        var after = mesh.Endpoint();
        Assert.NotSame(before, after);
        Assert.Equal((before.JoinedAt, before.Name), (after.JoinedAt, after.Name));
        Assert.Equal((true, true, 1), (before.IsRetired, mesh.Cluster().HasActiveRequests, mesh.Cluster().Draining));
        var second = client.GetAsync("http://backend/");
        await server.HoldsAsync(2);
        server.Let();
        Assert.All(await Task.WhenAll(first, second), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(2, server.Server.Connections);
        await Eventually.HoldsAsync(() => server.Server.OpenConnections == 1 && mesh.Cluster().Draining == 0, "the old connection is closed");
    }

    [Fact]
    public async Task The_same_settings_make_no_new_connections()
    {
        await using var server = await HoldingServer.StartAsync();
        server.Let();
        await using var mesh = await TestMesh.StartAsync(Service());
        using var client = mesh.CreateClient();
        var before = mesh.Endpoint();
        for (var i = 0; i < 3; i++)
        {
            mesh.Publish(Service());
            using var response = await client.GetAsync("http://backend/");
        }

        Assert.Same(before, mesh.Endpoint());
        Assert.Equal(1, server.Server.Connections);

        ServiceModel Service() => Snapshots.Service("backend", server.EndPoint).Clustered(static c => c with
        {
            Connections = new ConnectionSettings { Keepalive = new TcpKeepalive(3, null, null), Ping = new Http2Ping(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)) },
            Limits = new ConnectionLimits { MaxConnections = 7, RetryShare = new RetryShare() },
        });
    }

    [Fact]
    public async Task Under_load_no_request_fails_whatever_changes()
    {
        await using var one = await HoldingServer.StartAsync();
        await using var two = await HoldingServer.StartAsync();
        one.Let();
        two.Let();
        ConnectionLimits[] limits =
        [
            ConnectionLimits.None, new() { MaxConnections = 2 }, new() { MaxConnections = 1, MaxRequestsPerConnection = 3 }, new() { MaxRequests = 1000 },
            new() { MaxConnections = 5, MaxRequests = 1000 },
        ];
        await using var mesh = await TestMesh.StartAsync(Service(0));
        using var client = mesh.CreateClient();
        using var done = new CancellationTokenSource();
        var load = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            while (!done.IsCancellationRequested)
            {
                using var response = await client.PostAsync("http://backend/", new StringContent("body"));
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                count++;
            }

            return count;
        })).ToArray();

        for (var i = 1; i <= 60; i++)
        {
            var served = one.Server.Requests + two.Server.Requests;
            mesh.Publish(Service(i));
            await Eventually.HoldsAsync(() => one.Server.Requests + two.Server.Requests > served + 5 || load.Any(static l => l.IsCompleted), "requests go on");
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(load), static count => Assert.True(count > 0));
        mesh.Publish(Service(0));
        await Eventually.IdleAsync(mesh);
        await Eventually.HoldsAsync(() => mesh.Cluster().Use, static use => use is { Requests: 0, Pending: 0, Retries: 0, Connections: 0 });

        ServiceModel Service(int i) => Snapshots.Service("backend", i % 3 == 0 ? [one.EndPoint, two.EndPoint] : [one.EndPoint]).Clustered(c => c with
        {
            Limits = limits[i % limits.Length],
            Connections = i % 4 < 2 ? ConnectionSettings.Default : new ConnectionSettings { IdleTimeout = TimeSpan.FromMinutes(5) },
        });
    }

    [Fact]
    public async Task A_connection_over_TLS_begins_in_plaintext_where_the_PROXY_protocol_is_spoken()
    {
        var begin = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = RawServer.Start(async connection =>
        {
            var line = new StringBuilder();
            while (await connection.TryReadAsync(1) is [var next])
            {
                line.Append((char)next);
                if (next == '\n')
                {
                    var record = await connection.TryReadAsync(1);
                    begin.TrySetResult($"{line}{record![0]}");
                    return;
                }
            }
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).OnPort(443)
            .Clustered(static c => c with { Connections = new ConnectionSettings { ProxyProtocol = ProxyProtocol.V1 } }));
        using var client = mesh.CreateClient();

        using var response = await client.GetAsync("https://backend/");

        Assert.Matches($@"^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ {server.EndPoint.Port}\r\n22$", await begin.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }
}
