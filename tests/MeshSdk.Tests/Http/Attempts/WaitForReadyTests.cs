using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Http;
using MeshSdk.Http.Attempts;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>gRPC calls that wait until they can be sent: what wakes them, how often they are sent meanwhile, and what else they do as they always do.</summary>
public sealed class WaitForReadyTests : IDisposable
{
    private const int Unavailable = 14;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly NotingTime _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    private static HttpResponseMessage Reply(int status = 0)
    {
        var reply = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]), Version = HttpVersion.Version20 };
        reply.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        reply.Headers.TryAddWithoutValidation("grpc-status", status == 0 ? "0" : "14");
        return reply;
    }

    private static HttpRequestMessage Call(bool waits = true)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary")
        {
            Content = new ByteArrayContent("body"u8.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Options.Set(WaitForReady.Key, waits);
        return request;
    }

    private static RouteRule Rule(bool isRuled = false) =>
        isRuled ? RuledMesh.Rule() with { Filters = [new HeaderFilter(HeaderDirection.Request, [new HeaderValue("X-Set", "a")], [], [])] } : RuledMesh.Rule();

    private Task<RuledMesh> StartAsync(
        RouteRule rule, int endpoints, Func<Sent, HttpResponseMessage>? answer = null, params ServiceModel[] others) => RuledMesh.StartAsync(
        rule,
        (sent, _) => Task.FromResult(answer?.Invoke(sent) ?? Reply()),
        static cluster => cluster,
        endpoints,
        environment: new MeshEnvironment(new MeshOptions()) { Time = _time, Meters = _services.GetRequiredService<IMeterFactory>() },
        others: others);

    // Other endpoints under the very same rules.
    private static void Publish(RuledMesh mesh, params byte[] endpoints) => mesh.Mesh.Publish(
        mesh.Mesh.Runtime.Snapshot.Services[Snapshots.Cluster("backend").ServiceId].Clustered(c => c with
        {
            Endpoints = [.. endpoints.Select(static i => Snapshots.Endpoint($"10.0.0.{i}"))],
        }));

    // It has found nobody to send to, and would see whatever comes from now on.
    private static Task ParkedAsync(RuledMesh mesh, Task call, string uri = "http://backend") =>
        Eventually.HoldsAsync(() => mesh.Mesh.Cluster(uri).Changed.IsAwaited || call.IsCompleted, "the call waits");

    // The wait that begins after as many timers as there were.
    private Task<TimeSpan> WaitAsync(int timers) =>
        Eventually.HoldsAsync(() => _time.Timers.Skip(timers).FirstOrDefault(), static wait => wait > TimeSpan.Zero, "the call waits before it connects again");

    private static void AssertBackoff(int number, TimeSpan wait) =>
        Assert.InRange(wait.TotalSeconds, (0.8 * Math.Pow(1.6, number)) - 0.001, 1.2 * Math.Pow(1.6, number));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connecting_is_tried_later_and_later_and_anew_after_a_change(bool isRuled)
    {
        await using var mesh = await StartAsync(Rule(isRuled), 1, static sent => sent.Number <= 7 ? throw ScriptedTransport.Refused() : Reply());
        var timers = _time.Timers.Count;
        var call = mesh.Client.SendAsync(Call());
        for (var n = 0; n < 4; n++)
        {
            var wait = await WaitAsync(timers + n);
            AssertBackoff(n, wait);
            Assert.Equal(n + 1, mesh.Network.Sends);

            // A moment too early is too early.
            _time.Advance(wait - TimeSpan.FromMilliseconds(1));
            Assert.Equal(n + 1, mesh.Network.Sends);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        AssertBackoff(4, await WaitAsync(timers + 4));
        mesh.Mesh.Cluster().Changed.Raise();
        AssertBackoff(0, await WaitAsync(timers + 5));
        _time.Advance(TimeSpan.FromSeconds(2));
        AssertBackoff(1, await WaitAsync(timers + 6));
        _time.Advance(TimeSpan.FromSeconds(2));

        using var response = await call.WaitAsync(Patience);
        Assert.Equal((8, 1, "-"), (mesh.Network.Sends, response.GetMeshCall()!.Attempts, response.GetMeshCall()!.Flags));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task An_answer_to_somebody_else_wakes_those_who_could_not_connect()
    {
        await using var mesh = await StartAsync(Rule(), 1, static sent => sent.Number == 1 ? throw ScriptedTransport.Refused() : Reply());
        var timers = _time.Timers.Count;
        var call = mesh.Client.SendAsync(Call());
        await WaitAsync(timers);
        Assert.False(call.IsCompleted);

        using var other = await mesh.Client.SendAsync(Call(waits: false));

        // The clock stands still.
        using var response = await call.WaitAsync(Patience);
        Assert.Equal((HttpStatusCode.OK, 3), (response.StatusCode, mesh.Network.Sends));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task Who_was_tried_before_is_as_good_as_anyone_where_there_was_nobody_at_all()
    {
        await using var mesh = await StartAsync(Rule(), 1);
        var engine = mesh.Mesh.Runtime.Engine;
        using var request = Call();
        var frontend = engine.FindFrontend(request.RequestUri)!;
        var attempts = new RequestAttempts(engine);

        // It began to serve again after the call was decided on, and before it waits: nothing will change any more.
        attempts.Resume(Unsent.NoEndpoint, mesh.Mesh.Endpoint());
        attempts.Start(request, frontend, new ClientSettings(), null, null);
        var sending = attempts.SendAsync(RouteDecision.NoEndpoint(frontend, Assert.Single(frontend.Routes!.Rules).NextBackend()), null, CancellationToken.None).AsTask();

        using var response = await sending.WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.OK, response!.StatusCode);
    }

    [Fact]
    public async Task A_retry_waits_too()
    {
        var rule = RuledMesh.Rule(retry: RuledMesh.Retry(1, 503));
        await using var mesh = await StartAsync(rule, 1, static sent => Reply(sent.Number == 1 ? Unavailable : 0));
        var call = mesh.Client.SendAsync(Call());
        await mesh.SentAsync(1);

        // The backoff of the rule is not over before the clock moves.
        Publish(mesh);
        await mesh.PassUntilAsync(() => mesh.Mesh.Cluster().Changed.IsAwaited || call.IsCompleted);
        Assert.False(call.IsCompleted);
        Assert.Equal(1, mesh.Network.Sends);

        Publish(mesh, 2);

        using var response = await call.WaitAsync(Patience);
        Assert.Equal("0", Assert.Single(response.Headers.GetValues("grpc-status")));
        var second = mesh.Network.Log.Last();
        Assert.Equal(("10.0.0.2:80", "body"), (second.Address, second.Body));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task Mirrors_see_it_once()
    {
        var mirror = Snapshots.Service("mirror", new IPEndPoint(new IPAddress([10, 9, 0, 1]), 80));
        var tries = 0;
        var rule = RuledMesh.Rule() with { Filters = [new MirrorFilter(new BackendModel(mirror.Clusters[0].Id, 1), 1, 1)] };
        await using var mesh = await StartAsync(
            rule,
            0,
            sent => sent.Backend == "test/backend:80" && Interlocked.Increment(ref tries) < 3 ? throw ScriptedTransport.Refused() : Reply(),
            mirror);
        var call = mesh.Client.SendAsync(Call());
        await ParkedAsync(mesh, call);
        Assert.Empty(mesh.Network.Log);

        var timers = _time.Timers.Count;
        Publish(mesh, 1);
        _ = await Eventually.HoldsAsync(() => Volatile.Read(ref tries), static count => count == 1, "it could not connect");
        await mesh.PassUntilAsync(() => call.IsCompleted, step: 500);

        using var response = await call;
        Assert.Equal((3, 1), (tries, response.GetMeshCall()!.Attempts));
        Assert.True(_time.Timers.Count >= timers + 2);
        await Eventually.HoldsAsync(() => mesh.Network.Log.Any(static sent => sent.Backend == "test/mirror:80"), "it is mirrored");
        await Eventually.IdleAsync(mesh.Mesh, "http://mirror");
        Assert.Equal("body", Assert.Single(mesh.Network.Log, static sent => sent.Backend == "test/mirror:80").Body);
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task A_session_begins_where_it_was_sent_in_the_end()
    {
        var rule = RuledMesh.Rule() with { Session = new SessionPersistence { Carrier = SessionCarrier.Header, Name = "x-place" } };
        await using var mesh = await StartAsync(rule, 0);
        var call = mesh.Client.SendAsync(Call());
        await ParkedAsync(mesh, call);
        Assert.False(call.IsCompleted);

        Publish(mesh, 1, 2);

        using var response = await call.WaitAsync(Patience);
        var place = Assert.Single(response.Headers.GetValues("x-place"));
        var address = Assert.Single(mesh.Network.Log).Address;
        for (var i = 0; i < 4; i++)
        {
            using var next = Call();
            next.Headers.Add("x-place", place);
            using var answer = await mesh.Client.SendAsync(next);
            Assert.Equal(address, mesh.Network.Log.Last().Address);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_attempt_of_a_channel_is_decided_on_anew_where_its_rule_goes(bool isRuled)
    {
        await using var mesh = await StartAsync(
            Rule(isRuled), 0, null, Snapshots.Service("other", new IPEndPoint(new IPAddress([10, 0, 1, 1]), 80)));
        var rpc = new RpcCall { Path = "/test.Echo/Unary", IsRetried = true, RetriedStatuses = 1u << Unavailable };
        Task<HttpResponseMessage> call;
        using (rpc.Enter())
        {
            call = mesh.Client.SendAsync(Call());
        }

        await ParkedAsync(mesh, call);
        Assert.Equal("backend", rpc.Backend!.Model.Cluster.Service);

        mesh.Mesh.Publish(Snapshots.Service("backend").Routed(Snapshots.Rule(("other", 1))));

        using var response = await call.WaitAsync(Patience);
        Assert.Equal("test/other:80", response.GetMeshCall()!.Backend);
        Assert.Equal("other", rpc.Backend!.Model.Cluster.Service);
        Assert.Equal("10.0.1.1:80", Assert.Single(rpc.Tried).Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_counted_once(bool isRuled)
    {
        using var requests = new MetricCollector<long>(_services.GetRequiredService<IMeterFactory>(), "MeshSdk", "istio_requests_total");
        await using var mesh = await StartAsync(Rule(isRuled), 0, static sent => sent.Number <= 2 ? throw ScriptedTransport.Refused() : Reply());
        var call = mesh.Client.SendAsync(Call());
        await ParkedAsync(mesh, call);
        Publish(mesh, 1);
        await mesh.SentAsync(1);
        using var response = await mesh.PassAsync(call, step: 500);
        await mesh.IdleAsync();
        var counted = Assert.Single(requests.GetMeasurementSnapshot());
        Assert.Equal((1L, "0", "-"), (counted.Value, counted.Tags["grpc_response_status"]!.ToString(), counted.Tags["response_flags"]!.ToString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_goes_leaves_nothing_and_marks_nothing(bool isRuled)
    {
        using var requests = new MetricCollector<long>(_services.GetRequiredService<IMeterFactory>(), "MeshSdk", "istio_requests_total");
        await using var mesh = await StartAsync(Rule(isRuled), 0);
        using var caller = new CancellationTokenSource();
        var call = mesh.Client.SendAsync(Call(), caller.Token);
        await ParkedAsync(mesh, call);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience));
        var counted = Assert.Single(requests.GetMeasurementSnapshot());
        Assert.Equal("DC", counted.Tags["response_flags"]);
        Assert.Empty(mesh.Network.Log);
    }

    public static TheoryData<string, bool> Ends => new()
    {
        { "disposed", false }, { "disposed", true }, { "switched off", false }, { "switched off", true }, { "removed", false }, { "removed", true },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Where_the_mesh_has_no_more_to_do_with_it_it_goes_on_without(string end, bool isRuled)
    {
        var passed = new ConcurrentQueue<Uri?>();
        await using var mesh = await StartAsync(Rule(isRuled), 0);
        using var client = new HttpClient(new MeshHandler(mesh.Mesh.Runtime.Engine, new ClientSettings(), new Passing(passed)));
        var call = client.SendAsync(Call());
        await ParkedAsync(mesh, call);
        Assert.False(call.IsCompleted);

        switch (end)
        {
            case "disposed":
                await mesh.Mesh.DisposeAsync();
                break;
            case "switched off":
                mesh.Mesh.Runtime.Enabled = false;
                break;
            default:
                mesh.Mesh.Remove("backend");
                break;
        }

        if (end == "disposed")
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Patience));
            Assert.Empty(passed);
        }
        else
        {
            using var response = await call.WaitAsync(Patience);
            Assert.Equal(new Uri("http://backend/test.Echo/Unary"), Assert.Single(passed));
        }
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("late")]
    [InlineData("before the call")]
    public async Task It_waits_for_an_identity_that_comes(string when)
    {
        await using var secure = new SecureMesh();
        var server = await secure.ServeAsync();
        var options = new MeshOptions { Startup = { Timeout = TimeSpan.FromSeconds(7) } };
        options.Identity.Detect = false;
        var mesh = await secure.StartAsync(
            options, certificate: null, new MeshEnvironment(options) { Time = _time }, Snapshots.Service("backend", server.EndPoint).WantingTls());
        var timers = _time.Timers.Count;
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        if (when == "before the call")
        {
            // Nobody but such a call waits any longer.
            _time.Advance(options.Startup.Timeout);
            using var refused = await client.SendAsync(Call(waits: false));
            Assert.Equal("UF", refused.GetMeshCall()!.Flags);
            timers = _time.Timers.Count;
        }

        var call = client.SendAsync(Call());
        if (when != "before the call")
        {
            // The dial waits for as long as the start of a mesh may take; after that the call itself does.
            await Eventually.HoldsAsync(() => _time.Timers.Skip(timers).Contains(options.Startup.Timeout), "the dial waits");
            timers = _time.Timers.Count;
            _time.Advance(options.Startup.Timeout);
        }

        AssertBackoff(0, await WaitAsync(timers));
        if (when == "late")
        {
            timers = _time.Timers.Count;
            _time.Advance(TimeSpan.FromSeconds(2));
            AssertBackoff(1, await WaitAsync(timers));
        }

        Assert.False(call.IsCompleted);

        secure.Identity.Publish(secure.Authority.Issue(SecureMesh.Caller));

        using var response = await call.WaitAsync(Patience);
        Assert.Equal((HttpStatusCode.OK, 1), (response.StatusCode, response.GetMeshCall()!.Attempts));
    }

    private sealed class Passing(ConcurrentQueue<Uri?> passed) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            passed.Enqueue(request.RequestUri);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
