using System.Collections.Immutable;
using MeshSdk.Http;
using MeshSdk.Model;
using MeshSdk.Runtime;

namespace MeshSdk.Benchmarks;

/// <summary>A mesh of one service <c>backend</c> whose cluster is what a benchmark says, over a transport that does nothing.</summary>
internal sealed class ModelMesh : IDisposable
{
    private readonly MeshRuntime _runtime;

    private ModelMesh(MeshRuntime runtime) => _runtime = runtime;

    public static async Task<ModelMesh> StartAsync(int endpoints, Func<ClusterModel, ClusterModel> change)
    {
        var id = new ClusterId("default", "backend", 80);
        var cluster = change(new ClusterModel
        {
            Id = id,
            Host = "backend.default.svc.cluster.local",
            Endpoints = [.. Enumerable.Range(1, endpoints).Select(static i => new EndpointModel($"10.0.0.{i}", 80, EndpointHealth.Ready))],
        });
        var rule = new RouteRule { Backends = new BackendSplit([new BackendModel(id, 1)]) };
        var service = new ServiceModel
        {
            Id = id.ServiceId,
            Hosts = ["backend"],
            Frontends = [new FrontendModel(id, null, new RouteTable([rule], [new RouteMatch { Rule = 0 }]))],
            Clusters = [cluster],
        };
        var environment = new MeshEnvironment(new MeshOptions { TransportFactory = new NoTransport() });
        var runtime = new MeshRuntime(environment, new Source(service));
        await runtime.WaitUntilReadyAsync(CancellationToken.None);
        return new ModelMesh(runtime);
    }

    public HttpMessageHandler CreateHandler() =>
        new MeshHandler(_runtime.Engine, ClientSettings.From(new SocketsHttpHandler(), new MeshClientOptions(), "benchmark"), new NoOpHandler());

    public void Dispose() => _runtime.Dispose();

    private sealed class Source(ServiceModel service) : ISnapshotSource
    {
        public Task RunAsync(ISnapshotSink sink, CancellationToken cancellationToken)
        {
            sink.Publish(new MeshSnapshot(1, ImmutableDictionary<ServiceId, ServiceModel>.Empty.Add(service.Id, service), []), [service.Id]);
            sink.Synced();
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    private sealed class NoTransport : IMeshTransportFactory
    {
        public HttpMessageHandler Create(MeshTransportContext context) => new NoOpHandler();
    }
}
