using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.CompilerServices;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Tests.Http;

/// <summary>Code of the application that listens to the mesh and throws: its exception is the caller's, but no lease and no message stays behind.</summary>
public sealed class ListenerFailureTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IMeterFactory _meters;
    private readonly MeterListener _listener = new();
    private readonly TrackedStream _body = new();
    private Action<Instrument> _onCount = static _ => throw new InvalidOperationException("counting");

    public ListenerFailureTests()
    {
        _meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == _meters)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => _onCount(instrument));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
        _body.Dispose();
    }

    private Task<TestMesh> StartAsync(IMeterFactory? meters, HttpStatusCode? status = HttpStatusCode.OK, Func<ServiceModel, ServiceModel>? change = null)
    {
        var network = new AnsweringTransport(() => status is { } answer
            ? new HttpResponseMessage(answer) { Content = new StreamContent(_body) }
            : throw ScriptedTransport.Refused());
        return TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions { TransportFactory = network }) { Meters = meters },
            Change(Snapshots.Service("backend", new IPEndPoint(IPAddress.Loopback, 1))));

        ServiceModel Change(ServiceModel service) => change?.Invoke(service) ?? service;
    }

    // Listeners to spans hear of all meshes of the process; the method tells which requests are this test's.
    private static ActivityListener Trap(string method, Action<Activity>? started = null, Action<Activity>? stopped = null)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "MeshSdk",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Name == method ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStarted = started,
            ActivityStopped = stopped,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    [Fact]
    public async Task One_that_throws_at_the_start_of_a_span_leaves_nothing_behind()
    {
        await using var mesh = await StartAsync(meters: null);
        using var trap = Trap("TRAP-START", started: static _ => throw new InvalidOperationException("starting"));
        var cookies = new CookieContainer();
        cookies.Add(new Uri("http://backend/"), new Cookie("a", "1"));
        using var client = mesh.CreateClient(new SocketsHttpHandler { CookieContainer = cookies });
        using var request = new HttpRequestMessage(new HttpMethod("TRAP-START"), "http://backend/");
        var before = MessageSnapshot.Of(request);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendAsync(request));

        Assert.Equal("starting", error.Message);
        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task One_that_throws_at_the_end_of_a_span_leaves_nothing_behind()
    {
        await using var mesh = await StartAsync(meters: null);
        using var trap = Trap("TRAP-STOP", stopped: static _ => throw new InvalidOperationException("stopping"));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(new HttpMethod("TRAP-STOP"), "http://backend/");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));

        Assert.Equal("stopping", error.Message);
        Assert.True(_body.IsDisposed);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.NoContent)]
    public async Task One_that_throws_at_the_count_leaves_nothing_behind(HttpStatusCode status)
    {
        await using var mesh = await StartAsync(_meters, status);
        using var client = mesh.CreateClient();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetAsync("http://backend/"));

        Assert.Equal("counting", error.Message);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task One_that_throws_at_the_count_does_not_keep_a_disposed_response_open()
    {
        await using var mesh = await StartAsync(_meters);
        using var client = mesh.CreateClient();
        var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);

        Assert.Throws<InvalidOperationException>(response.Dispose);

        Assert.True(_body.IsDisposed);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task One_that_throws_at_the_count_of_a_failed_call_leaves_nothing_behind()
    {
        await using var server = RawServer.Start(static async connection => await connection.ReadHeadAsync());
        await using var mesh = await TestMesh.StartAsync(
            new MeshEnvironment(new MeshOptions()) { Meters = _meters }, Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetAsync("http://backend/"));

        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(null)]
    public async Task One_that_throws_at_the_count_of_a_retry_that_must_not_be_leaves_nothing_behind(HttpStatusCode? status)
    {
        await using var mesh = await StartAsync(_meters, status, static service => service
            .Clustered(static c => c with { Limits = new ConnectionLimits { MaxRetries = 0 } })
            .Routed(RuledMesh.Rule(retry: RuledMesh.Retry(2, 500))));
        using var client = mesh.CreateClient();
        _onCount = static instrument =>
        {
            if (instrument.Name == "mesh.circuit_breaker.overflows")
            {
                throw new InvalidOperationException("counting");
            }
        };

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetAsync("http://backend/"));

        Assert.Equal("counting", error.Message);
        Assert.Equal(status is not null, _body.IsDisposed);
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        Assert.Equal(0, mesh.Cluster().Use.Retries);
    }

    [Fact]
    public async Task A_forgotten_response_is_counted_off_the_finalizer_thread_and_an_exception_there_does_not_end_the_process()
    {
        bool? pooled = null;
        _onCount = _ =>
        {
            pooled = Thread.CurrentThread.IsThreadPoolThread;
            throw new InvalidOperationException("counting");
        };
        await using var mesh = await StartAsync(_meters);
        using var client = mesh.CreateClient();
        await ForgetAsync(client);

        await Eventually.HoldsAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return mesh.Endpoint().ActiveRequests == 0;
            },
            "the lease comes back");
        Assert.True(pooled);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task ForgetAsync(HttpClient client) =>
            Assert.NotNull(await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead));
    }

    private sealed class TrackedStream : MemoryStream
    {
        public TrackedStream()
            : base([1, 2, 3])
        {
        }

        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
