using System.Net;
using MeshSdk.Http.Mirroring;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Tests.Http.Attempts;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Limits;

/// <summary>Requests that wait for a connection which another name's request has, so that only theirs have a time limit: nothing of them is sent meanwhile.</summary>
public sealed class WaitingTests
{
    private static readonly ConnectionLimits One = new() { MaxConnections = 1 };

    private readonly FakeTimeProvider _time = new();

    private static ServiceModel Backend(RouteRule rule, params IPEndPoint[] endpoints) =>
        Snapshots.Service("backend", endpoints).Clustered(static c => c with { Limits = One }).Routed(rule);

    private static RouteRule Mirrored(RouteRule rule, string to) =>
        rule with { Filters = [new MirrorFilter(new BackendModel(Snapshots.Cluster(to), 1), 1, 1)] };

    private Task<TestMesh> StartAsync(params ServiceModel[] services) => TestMesh.StartAsync(
        new MeshEnvironment(new MeshOptions()) { Time = _time, Random = new Random(1) },
        [.. services, Snapshots.Service("other").Routed(Snapshots.Rule(("backend", 1)))]);

    private static HttpClient ClientOf(TestMesh mesh)
    {
        var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        client.Timeout = Timeout.InfiniteTimeSpan;
        return client;
    }

    private static Task<int> PendingAsync(TestMesh mesh, int count, string uri = "http://backend") =>
        Eventually.HoldsAsync(() => mesh.Cluster(uri).Use.Pending, pending => pending == count, $"{count} wait");

    private Task PassUntilAsync(Func<bool> happened) => Eventually.HoldsAsync(() =>
    {
        if (!happened())
        {
            _time.Advance(TimeSpan.FromMilliseconds(5));
        }

        return happened();
    });

    [Theory]
    [InlineData(300.0, null)]
    [InlineData(null, 300.0)]
    public async Task One_whose_time_is_over_was_not_sent_and_says_nothing_of_the_endpoint(double? request, double? backendRequest)
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await StartAsync(Backend(RuledMesh.Rule(RuledMesh.Timeouts(request, backendRequest)), server.EndPoint));
        var outcomes = RecordedOutcomes.Of(mesh.Endpoint());
        using var client = ClientOf(mesh);
        var holder = client.GetAsync("http://other/");
        await server.HoldsAsync(1);
        var waiting = client.GetAsync("http://backend/");
        await PendingAsync(mesh, 1);

        _time.Advance(TimeSpan.FromMilliseconds(300));

        using var response = await waiting;
        Assert.Equal((HttpStatusCode.GatewayTimeout, "UT", 0), (response.StatusCode, response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        Assert.StartsWith($"No connection to {server.EndPoint}", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal("Abandoned", outcomes.ToString());
        server.Let();
        Assert.Equal(HttpStatusCode.OK, (await holder).StatusCode);
        Assert.Equal(1, server.Server.Requests);
    }

    [Fact]
    public async Task One_whose_try_is_over_is_tried_again_also_with_a_body_that_can_be_sent_once()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await StartAsync(Backend(RuledMesh.Rule(RuledMesh.Timeouts(backendRequest: 300), RuledMesh.Retry(2)), server.EndPoint));
        var outcomes = RecordedOutcomes.Of(mesh.Endpoint());
        using var client = ClientOf(mesh);
        var holder = client.GetAsync("http://other/");
        await server.HoldsAsync(1);
        using var body = new StreamContent(new Unseekable(new string('x', 200_000)));
        body.Headers.ContentLength = 200_000;
        var waiting = client.PostAsync("http://backend/", body);
        await PendingAsync(mesh, 1);
        _time.Advance(TimeSpan.FromMilliseconds(300));
        await Eventually.HoldsAsync(() => outcomes.Count == 1, "the first try is over");
        await PassUntilAsync(() => mesh.Cluster().Use.Pending == 1);

        server.Let();

        using var response = await waiting;
        Assert.Equal((HttpStatusCode.OK, "-", 1), (response.StatusCode, response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        Assert.Equal(HttpStatusCode.OK, (await holder).StatusCode);
        Assert.Equal(2, server.Server.Requests);
    }

    [Fact]
    public async Task Tries_that_only_wait_come_to_an_end()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await StartAsync(Backend(RuledMesh.Rule(RuledMesh.Timeouts(backendRequest: 300), RuledMesh.Retry(2)), server.EndPoint));
        var outcomes = RecordedOutcomes.Of(mesh.Endpoint());
        using var client = ClientOf(mesh);
        var holder = client.GetAsync("http://other/");
        await server.HoldsAsync(1);
        var waiting = client.GetAsync("http://backend/");

        await PassUntilAsync(() => waiting.IsCompleted);

        using var response = await waiting;
        Assert.Equal((HttpStatusCode.GatewayTimeout, 0), (response.StatusCode, response.GetMeshCall()!.Attempts));
        Assert.Equal("Abandoned, Abandoned, Abandoned", outcomes.ToString());
        server.Let();
        Assert.Equal(HttpStatusCode.OK, (await holder).StatusCode);
    }

    [Fact]
    public async Task A_copy_that_finds_no_connection_in_its_time_says_nothing_of_the_mirror()
    {
        await using var server = await EchoServer.StartAsync();
        await using var shadow = await HoldingServer.StartAsync();
        await using var mesh = await StartAsync(
            Snapshots.Service("backend", server.EndPoint).Routed(Mirrored(RuledMesh.Rule(), "shadow")),
            Snapshots.Service("shadow", shadow.EndPoint).Clustered(static c => c with { Limits = One }));
        var outcomes = RecordedOutcomes.Of(mesh.Endpoint("http://shadow"));
        using var client = ClientOf(mesh);
        var holder = client.GetAsync("http://shadow/");
        await shadow.HoldsAsync(1);
        (await client.GetAsync("http://backend/")).Dispose();
        await PendingAsync(mesh, 1, "http://shadow");

        _time.Advance(Mirrors.Patience);

        await Eventually.HoldsAsync(() => mesh.Runtime.Engine.Attempts.Mirrors.Running == 0, "the copy is given up");
        Assert.Equal("Abandoned", outcomes.ToString());
        shadow.Let();
        Assert.Equal(HttpStatusCode.OK, (await holder).StatusCode);
    }

    [Fact]
    public async Task One_whose_endpoint_leaves_is_copied_once()
    {
        await using var leaving = await HoldingServer.StartAsync();
        await using var staying = await HoldingServer.StartAsync();
        await using var mirror = await HoldingServer.StartAsync();
        staying.Let();
        mirror.Let();
        var rule = Mirrored(RuledMesh.Rule(), "mirror");
        await using var mesh = await StartAsync(Backend(rule, leaving.EndPoint), Snapshots.Service("mirror", mirror.EndPoint));
        using var client = ClientOf(mesh);
        var holder = client.GetAsync("http://other/");
        await leaving.HoldsAsync(1);
        var waiting = client.GetAsync("http://backend/");
        await PendingAsync(mesh, 1);

        mesh.Publish(Backend(rule, staying.EndPoint));

        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        await Eventually.HoldsAsync(() => mesh.Runtime.Engine.Attempts.Mirrors.Running == 0, "no copies are under way");
        Assert.Equal(1, mirror.Server.Requests);
        leaving.Let();
        Assert.Equal(HttpStatusCode.OK, (await holder).StatusCode);
    }

    [Fact]
    public async Task The_wait_for_an_endpoint_that_leaves_is_a_part_of_the_try()
    {
        await using var leaving = await HoldingServer.StartAsync();
        await using var staying = await HoldingServer.StartAsync();
        var rule = RuledMesh.Rule(RuledMesh.Timeouts(backendRequest: 300));
        await using var mesh = await StartAsync(Backend(rule, leaving.EndPoint));
        using var client = ClientOf(mesh);
        var holder = client.GetAsync("http://other/");
        await leaving.HoldsAsync(1);
        var waiting = client.GetAsync("http://backend/");
        await PendingAsync(mesh, 1);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        mesh.Publish(Backend(rule, staying.EndPoint));
        await staying.HoldsAsync(1);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        using var response = await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((HttpStatusCode.GatewayTimeout, 1), (response.StatusCode, response.GetMeshCall()!.Attempts));
        leaving.Let();
        Assert.Equal(HttpStatusCode.OK, (await holder).StatusCode);
    }

    [Fact]
    public async Task One_that_its_caller_gives_up_was_not_sent()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await StartAsync(Snapshots.Service("backend", server.EndPoint).Clustered(static c => c with { Limits = One }));
        using var client = ClientOf(mesh);
        var holder = client.GetAsync("http://other/");
        await server.HoldsAsync(1);
        using var stop = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        var waiting = client.SendAsync(request, stop.Token);
        await PendingAsync(mesh, 1);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.True(request.Options.TryGetValue(MeshCallInfo.Key, out var call));
        Assert.Equal(0, call.Attempts);
        server.Let();
        Assert.Equal(HttpStatusCode.OK, (await holder).StatusCode);
    }
}
