using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using MeshSdk.Clusters;
using MeshSdk.Compilation;
using MeshSdk.Http;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>Under a rule that does more than forward: what fails leaves no lease, no message and no count behind that is not right.</summary>
public sealed class RuledFailureTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task A_listener_that_throws_at_the_count_of_mirrors_costs_the_request_nothing()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == Meters && instrument.Name == "mesh.mirror.requests")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException("counting"));
        listener.Start();
        var filter = new MirrorFilter(new BackendModel(Snapshots.Cluster("mirror"), 1), 1, 1);
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule() with { Filters = [filter] }, static (_, _) => Task.FromResult(ScriptedTransport.Response(200)), 1, null, null,
            new MeshEnvironment(new MeshOptions()) { Meters = Meters }, Snapshots.Service("mirror", new IPEndPoint(new IPAddress([10, 9, 0, 1]), 80)));

        // Too large for a copy, which is known and counted on the caller's own way.
        using var content = new StreamContent(new MemoryStream(new byte[100_000]));
        using var response = await mesh.Client.PostAsync("http://backend/", content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, mesh.Mesh.Endpoint().ActiveRequests);
    }

    [Theory]
    [InlineData("http://backend/")]
    [InlineData("http://backend.test/")]
    [InlineData("http://backend.test.svc.cluster.local/")]
    public async Task A_transport_that_cannot_be_made_leaves_the_message_as_it_was(string uri)
    {
        var network = new RecordingTransport { Failure = new InvalidOperationException("no handler") };
        await using var mesh = await TestMesh.StartAsync(
            new MeshOptions { TransportFactory = network },
            Snapshots.Service("backend", new IPEndPoint(IPAddress.Loopback, 1)).Routed(RuledMesh.Rule(RuledMesh.Timeouts(500))));
        _ = mesh.Runtime.Engine.FindFrontend(new Uri("http://backend"))!.CanonicalHost("backend");
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = HttpVersion.Version20 };
        var before = MessageSnapshot.Of(request);

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendAsync(request));

        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task The_answer_of_a_filter_is_counted_once_though_a_listener_throws()
    {
        using var counted = new MetricCollector<long>(Meters, "MeshSdk", "istio_requests_total");
        using var trap = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "MeshSdk",
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Name == "TRAP-FILTER" ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = static _ => throw new InvalidOperationException("stopping"),
        };
        ActivitySource.AddActivityListener(trap);
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule() with { Filters = [new RedirectFilter(null, "other", null, null, 302)] },
            static (_, _) => Task.FromResult(ScriptedTransport.Response(200)), 1, null, null, new MeshEnvironment(new MeshOptions()) { Meters = Meters });
        using var request = new HttpRequestMessage(new HttpMethod("TRAP-FILTER"), "http://backend/");

        await Assert.ThrowsAsync<InvalidOperationException>(() => mesh.Client.SendAsync(request));

        Assert.Single(counted.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task An_exception_of_the_callers_own_comes_with_the_place_where_it_was_thrown()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500)), static (_, _) => ThrowHere());

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => mesh.GetAsync());

        Assert.Contains(nameof(ThrowHere), error.StackTrace, StringComparison.Ordinal);

        static Task<HttpResponseMessage> ThrowHere() => throw new InvalidOperationException("misuse");
    }

    public static TheoryData<string, int> WithoutAnswer => new() { { "reset", 1 }, { "refused stream", 3 }, { "no connection", 3 }, { "503", 1 } };

    [Theory]
    [MemberData(nameof(WithoutAnswer))]
    public async Task What_Istio_does_by_default_sends_again_only_what_no_server_has_looked_at(string failure, int sends)
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: CompilerOptions.IstioRetry), (_, _) => failure switch
        {
            "reset" => throw ScriptedTransport.Reset(),
            "no connection" => throw ScriptedTransport.Refused(),
            "refused stream" => throw new HttpRequestException(HttpRequestError.HttpProtocolError, "refused", new HttpProtocolException(7, "REFUSED_STREAM", null)),
            _ => Task.FromResult(ScriptedTransport.Response(503)),
        });

        using var response = await mesh.PassAsync(mesh.Client.PostAsync("http://backend/pay", new StringContent("100 EUR")));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(sends, mesh.Network.Sends);
    }

    [Fact]
    public async Task Requests_of_sessions_count_for_the_budget()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(), static (_, _) => Task.FromResult(ScriptedTransport.Response(200)), 1,
            new RetryBudget(20, TimeSpan.FromSeconds(10), 1, TimeSpan.FromSeconds(10)));
        var cluster = mesh.Mesh.Cluster();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(PickOutcome.Picked, cluster.TryAcquire(1, static (_, _) => 1, out var lease, out _));
            lease!.Release();
        }

        Assert.Equal([RetryGrant.Granted, RetryGrant.Granted, RetryGrant.Granted], [Retry(), Retry(), Retry()]);

        RetryGrant Retry() => cluster.TryRetry(out _);
    }

    [Fact]
    public async Task A_mirror_that_asks_for_credentials_does_not_get_those_of_the_client()
    {
        var asked = new ConcurrentQueue<string>();
        await using var backend = await EchoServer.StartAsync("backend");
        await using var shadow = await EchoServer.StartAsync("shadow", context =>
        {
            asked.Enqueue(context.Request.Headers.Authorization.ToString());
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=x";
            return Task.CompletedTask;
        });
        var filter = new MirrorFilter(new BackendModel(Snapshots.Cluster("mirror"), 1), 1, 1);
        await using var mesh = await TestMesh.StartAsync(
            Snapshots.Service("backend", backend.EndPoint).Routed(RuledMesh.Rule() with { Filters = [filter] }), Snapshots.Service("mirror", shadow.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { Credentials = new NetworkCredential("user", "secret") });

        using var response = await client.GetAsync("http://backend/");
        await Eventually.HoldsAsync(() => mesh.Runtime.Engine.Attempts.Mirrors.Running == 0, "no mirrors under way");

        Assert.Equal("", Assert.Single(asked));
    }

    [Fact]
    public void What_else_a_client_wants_of_connections_holds_for_mirrors_too()
    {
        var client = ClientSettings.From(
            new SocketsHttpHandler { Credentials = new NetworkCredential("user", "secret"), PreAuthenticate = true, MaxConnectionsPerServer = 7 },
            new MeshClientOptions(), "client");

        Assert.NotNull(client.Profile.Credentials);
        Assert.Null(client.MirrorProfile.Credentials);
        Assert.False(client.MirrorProfile.PreAuthenticate);
        Assert.Equal(7, client.MirrorProfile.MaxConnectionsPerServer);
        Assert.Same(TransportProfile.Default, ClientSettings.From(
            new SocketsHttpHandler { Credentials = new NetworkCredential("user", "secret") }, new MeshClientOptions(), "client").MirrorProfile);
    }
}
