using System.Net;
using MeshSdk.Model;
using MeshSdk.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A mesh with one service <c>backend</c> under one rule, a clock that only the test moves, and a network that the test writes.</summary>
internal sealed class RuledMesh : IAsyncDisposable
{
    private RuledMesh(TestMesh mesh, FakeTimeProvider time, ScriptedTransport network)
    {
        (Mesh, Time, Network) = (mesh, time, network);
        Client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        Client.Timeout = Timeout.InfiniteTimeSpan;
    }

    public TestMesh Mesh { get; }

    public FakeTimeProvider Time { get; }

    public ScriptedTransport Network { get; }

    public HttpClient Client { get; }

    public static RouteRule Rule(RouteTimeouts? timeouts = null, RouteRetry? retry = null) =>
        Snapshots.Rule(("backend", 1)) with { Timeouts = timeouts, Retry = retry };

    public static RouteTimeouts Timeouts(double? request = null, double? backendRequest = null) =>
        new(Milliseconds(request), Milliseconds(backendRequest));

    public static RouteRetry Retry(int attempts, params int[] codes) => new(attempts, [.. codes], null);

    public static Task<RuledMesh> StartAsync(RouteRule rule, Func<Sent, CancellationToken, Task<HttpResponseMessage>> answer, int endpoints = 1) =>
        StartAsync(rule, answer, endpoints, null);

    public static Task<RuledMesh> StartAsync(
        RouteRule rule, Func<Sent, CancellationToken, Task<HttpResponseMessage>> answer, int endpoints, RetryBudget? budget,
        MeshOptions? options = null, MeshEnvironment? environment = null, params ServiceModel[] others) =>
        StartAsync(rule, answer, c => c with { RetryBudget = budget }, endpoints, options, environment, others);

    public static async Task<RuledMesh> StartAsync(
        RouteRule rule, Func<Sent, CancellationToken, Task<HttpResponseMessage>> answer, Func<ClusterModel, ClusterModel> cluster, int endpoints = 1,
        MeshOptions? options = null, MeshEnvironment? environment = null, params ServiceModel[] others)
    {
        var time = environment?.Time as FakeTimeProvider ?? new FakeTimeProvider();
        var network = new ScriptedTransport(answer, time);
        options ??= new MeshOptions();
        options.TransportFactory = network;
        var service = Snapshots
            .Service("backend", [.. Enumerable.Range(1, endpoints).Select(static i => new IPEndPoint(new IPAddress([10, 0, 0, (byte)i]), 80))])
            .Clustered(cluster)
            .Routed(Snapshots.Table(rule));
        var mesh = await TestMesh.StartAsync(
            (environment ?? new MeshEnvironment(options)) with { Options = options, Time = time, Random = new Random(1) }, [service, .. others]);
        return new RuledMesh(mesh, time, network);
    }

    public Task<HttpResponseMessage> GetAsync(HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead) =>
        Client.GetAsync("http://backend/", completion);

    /// <summary>Lets time go by, in steps, until something has happened.</summary>
    public Task PassUntilAsync(Func<bool> happened, double step = 5) => Eventually.HoldsAsync(() =>
    {
        if (happened())
        {
            return true;
        }

        Time.Advance(TimeSpan.FromMilliseconds(step));
        return happened();
    });

    /// <summary>Lets time go by until a call is over.</summary>
    public async Task<HttpResponseMessage> PassAsync(Task<HttpResponseMessage> call, double step = 5)
    {
        await PassUntilAsync(() => call.IsCompleted, step);
        return await call;
    }

    public Task SentAsync(int count) => Eventually.HoldsAsync(() => Network.Sends >= count, $"{count} sends");

    public Task IdleAsync() => Eventually.IdleAsync(Mesh);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Mesh.DisposeAsync();
    }

    private static TimeSpan? Milliseconds(double? value) => value is { } v ? TimeSpan.FromMilliseconds(v) : null;
}
