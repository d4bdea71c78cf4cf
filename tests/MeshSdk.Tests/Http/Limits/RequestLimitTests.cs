using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http.Limits;

/// <summary>The most requests at once, whatever they are.</summary>
public sealed class RequestLimitTests
{
    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    private static ServiceModel Limited(ServiceModel service, int most) =>
        service.Clustered(c => c with { Limits = new ConnectionLimits { MaxRequests = most } });

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task What_is_beyond_is_answered_at_once_and_nothing_of_it_is_sent(HttpProtocols protocols)
    {
        await using var server = await HoldingServer.StartAsync(protocols);
        var protocol = Enum.Parse<ClusterProtocol>(protocols.ToString());
        await using var mesh = await TestMesh.StartAsync(Limited(Snapshots.Service("backend", server.EndPoint).Speaking(protocol), 2));
        using var client = mesh.CreateClient(options: Recording);
        Task<HttpResponseMessage>[] calls = [client.GetAsync("http://backend/"), client.GetAsync("http://backend/")];
        await server.HoldsAsync(2);

        using var beyond = await client.GetAsync("http://backend/");

        var call = beyond.GetMeshCall()!;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, beyond.StatusCode);
        Assert.Equal("as many requests to test/backend:80 are under way as its policy allows", beyond.ReasonPhrase);
        Assert.Equal("true", Assert.Single(beyond.Headers.GetValues("x-envoy-overloaded")));
        Assert.Equal(("UO", 0, null, "test/backend:80"), (call.Flags, call.Attempts, call.Endpoint, call.Backend));
        server.Let();
        Assert.All(await Task.WhenAll(calls), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        await Eventually.IdleAsync(mesh);
        Assert.Equal((2, 0), (server.Server.Requests, mesh.Cluster().Use.Requests));
        using var after = await client.GetAsync("http://backend/");
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.False(after.Headers.Contains("x-envoy-overloaded"));
    }

    [Fact]
    public async Task A_synchronous_call_is_treated_alike()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Limited(Snapshots.Service("backend", server.EndPoint), 1));
        using var client = mesh.CreateClient();
        var call = client.GetAsync("http://backend/");
        await server.HoldsAsync(1);

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        using var beyond = await Task.Run(() => client.Send(request));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, beyond.StatusCode);
        server.Let();
        using var response = await call;
    }

    [Fact]
    public async Task A_request_is_under_way_until_its_body_has_ended()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(), static (_, _) => Task.FromResult(ScriptedTransport.Response(200, "body")), static c => c with { Limits = new ConnectionLimits { MaxRequests = 1 } });
        using (await mesh.GetAsync(HttpCompletionOption.ResponseHeadersRead))
        {
            using var beyond = await mesh.GetAsync();
            Assert.Equal("UO", beyond.GetMeshCall()!.Flags);
        }

        using var after = await mesh.GetAsync();
        Assert.Equal("-", after.GetMeshCall()!.Flags);
        Assert.Equal(0, mesh.Mesh.Cluster().Use.Requests);
    }

    [Fact]
    public async Task Of_a_thousand_concurrent_calls_no_more_than_the_limit_are_ever_at_the_server()
    {
        await using var server = await HoldingServer.StartAsync();
        server.Let();
        await using var mesh = await TestMesh.StartAsync(Limited(Snapshots.Service("backend", server.EndPoint), 20));
        using var client = mesh.CreateClient();
        var (served, refused) = (0, 0);

        await Parallel.ForAsync(0, 1_000, new ParallelOptions { MaxDegreeOfParallelism = 1_000 }, async (_, cancellationToken) =>
        {
            using var response = await client.GetAsync("http://backend/", cancellationToken);
            Interlocked.Increment(ref response.StatusCode == HttpStatusCode.OK ? ref served : ref refused);
        });

        Assert.Equal((1_000, 0), (served + refused, mesh.Cluster().Use.Requests));
        Assert.InRange(server.HighWater, 1, 20);
        Assert.Equal(served, server.Server.Requests);
        await Eventually.IdleAsync(mesh);
    }

    [Fact]
    public async Task Limits_that_come_and_go_under_way_leave_no_trace()
    {
        await using var server = await HoldingServer.StartAsync();
        var service = Snapshots.Service("backend", server.EndPoint);
        await using var mesh = await TestMesh.StartAsync(service);
        using var client = mesh.CreateClient();
        var calls = new List<Task<HttpResponseMessage>>();
        for (var i = 0; i < 4; i++)
        {
            // Two of them are counted.
            mesh.Publish(i % 2 == 0 ? service : Limited(service, 10));
            calls.Add(client.GetAsync("http://backend/"));
            await server.HoldsAsync(i + 1);
        }

        Assert.Equal(2, mesh.Cluster().Use.Requests);
        mesh.Publish(service);
        server.Let();
        await Task.WhenAll(calls);
        await Eventually.IdleAsync(mesh);

        Assert.Equal(0, mesh.Cluster().Use.Requests);
    }

    [Fact]
    public async Task A_call_of_gRPC_is_told_in_its_own_words()
    {
        await using var server = await HoldingServer.StartAsync(HttpProtocols.Http2);
        await using var mesh = await TestMesh.StartAsync(Limited(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2), 1));
        using var client = mesh.CreateClient();
        var call = client.GetAsync("http://backend/");
        await server.HoldsAsync(1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/pkg.Service/Method")
        {
            Content = new ByteArrayContent([]) { Headers = { ContentType = new("application/grpc") } },
        };

        using var beyond = await client.SendAsync(request);

        Assert.Equal("14", Assert.Single(beyond.Headers.GetValues("grpc-status"))); // UNAVAILABLE
        server.Let();
        using var response = await call;
    }

    [Fact]
    public async Task Every_try_counts_and_overflow_is_not_tried_again()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(3, 503)), static (sent, cancellationToken) => sent.Request.RequestUri!.AbsolutePath == "/hold"
                ? ScriptedTransport.HangAsync(cancellationToken)
                : Task.FromResult(ScriptedTransport.Response(503)),
            static c => c with { Limits = new ConnectionLimits { MaxRequests = 1 } });
        using var stop = new CancellationTokenSource();
        var held = mesh.Client.GetAsync("http://backend/hold", stop.Token);
        await mesh.SentAsync(1);

        using var beyond = await mesh.PassAsync(mesh.GetAsync());

        Assert.Equal(("UO", 0, 1), (beyond.GetMeshCall()!.Flags, beyond.GetMeshCall()!.Attempts, mesh.Network.Sends));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await mesh.IdleAsync();
        using var tried = await mesh.PassAsync(mesh.GetAsync());
        Assert.Equal(("URX", 4), (tried.GetMeshCall()!.Flags, tried.GetMeshCall()!.Attempts));
        Assert.Equal(0, mesh.Mesh.Cluster().Use.Requests);
    }
}
