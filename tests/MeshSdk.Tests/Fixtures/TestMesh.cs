using MeshSdk.Clusters;
using MeshSdk.Http;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A running mesh whose control plane is the test: what it publishes is in force when the call returns.</summary>
internal sealed class TestMesh : IAsyncDisposable
{
    private readonly Feed _feed = new();
    private readonly Dictionary<ServiceId, ServiceModel> _services = [];
    private long _revision;

    private TestMesh(MeshEnvironment environment, IServiceDiscovery? discovery) => Runtime = new MeshRuntime(environment, _feed, discovery);

    public MeshRuntime Runtime { get; }

    public static Task<TestMesh> StartAsync(params ServiceModel[] services) => StartAsync(new MeshOptions(), services);

    public static Task<TestMesh> StartAsync(MeshOptions options, params ServiceModel[] services) =>
        StartAsync(new MeshEnvironment(options), services);

    public static Task<TestMesh> StartAsync(MeshEnvironment environment, params ServiceModel[] services) => StartAsync(environment, null, services);

    public static async Task<TestMesh> StartAsync(MeshEnvironment environment, IServiceDiscovery? discovery, params ServiceModel[] services)
    {
        var mesh = new TestMesh(environment, discovery);
        var ready = mesh.Runtime.WaitUntilReadyAsync(CancellationToken.None);
        await mesh._feed.Started;
        mesh.Publish(services);
        mesh.Runtime.Synced();
        await ready;
        return mesh;
    }

    /// <summary>Adds services or puts new versions of them in force.</summary>
    public void Publish(params ServiceModel[] services)
    {
        foreach (var service in services)
        {
            _services[service.Id] = service;
        }

        Publish(services.Select(static s => s.Id));
    }

    public void Remove(params string[] services)
    {
        var ids = services.Select(static s => Snapshots.Cluster(s).ServiceId).ToArray();
        foreach (var id in ids)
        {
            _services.Remove(id);
        }

        Publish(ids);
    }

    /// <summary>A client with a handler of its own; cookies and the like are configured on <paramref name="primary"/>.</summary>
    public HttpClient CreateClient(HttpMessageHandler? primary = null, MeshClientOptions? options = null) => new(CreateHandler(primary, options));

    public HttpMessageHandler CreateHandler(HttpMessageHandler? primary = null, MeshClientOptions? options = null)
    {
        primary ??= new SocketsHttpHandler();
        return new MeshHandler(Runtime.Engine, ClientSettings.From(primary, options ?? new MeshClientOptions(), "test"), primary);
    }

    /// <summary>The first cluster that calls to a URI lead to.</summary>
    public ClusterState Cluster(string uri = "http://backend") =>
        Runtime.Engine.FindFrontend(new Uri(uri))!.Routes!.Rules[0].Backends[0].Cluster!;

    /// <summary>Its only endpoint.</summary>
    public EndpointState Endpoint(string uri = "http://backend") => Assert.Single(Cluster(uri).Usable);

    public ValueTask DisposeAsync() => Runtime.DisposeAsync();

    private void Publish(IEnumerable<ServiceId> changed) =>
        Runtime.Publish(Snapshots.Snapshot(++_revision, _services.Values), [.. changed]);

    private sealed class Feed : ISnapshotSource
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => _started.Task;

        public Task RunAsync(ISnapshotSink sink, CancellationToken cancellationToken)
        {
            _started.SetResult();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
