using System.Net;
using MeshSdk.Benchmarks.Shared;
using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Benchmarks;

/// <summary>Meshes and endpoints that never reach a network.</summary>
internal static class BenchmarkMesh
{
    /// <summary>The reference canary, 90/10 over three and two endpoints; the rule may have filters, in YAML.</summary>
    public static async Task<Mesh> StartAsync(string filters = "[]")
    {
        var source = new InMemorySource();
        source.Apply(CanaryManifests.All(Addresses(1, 3), Addresses(2, 2)));
        source.Apply(CanaryManifests.Route(90, 10, filters));
        return await Mesh.StartAsync(new MeshOptions { InMemory = source, TransportFactory = new NoTransport() });
    }

    /// <summary>The same over mutual TLS, as far as the mesh is concerned: nothing is encrypted by a transport that does nothing.</summary>
    public static async Task<Mesh> StartSecuredAsync(ICertificateSource identity)
    {
        var source = new InMemorySource();
        source.Apply(CanaryManifests.All(Addresses(1, 3), Addresses(2, 2), policy: CanaryManifests.MutualTls));
        var options = new MeshOptions { InMemory = source, TransportFactory = new NoTransport() };
        options.Identity.Source = identity;
        return await Mesh.StartAsync(options);
    }

    /// <summary>The endpoints of one cluster.</summary>
    public static EndpointState[] Endpoints(int count)
    {
        var id = new ClusterId("default", "backend-v1", 80);
        var cluster = new ClusterState(id, new LoadBalancingPolicies(new Random(1)), new TransportSettings());
        cluster.Apply(new ClusterModel
        {
            Id = id,
            Host = "backend-v1.default.svc.cluster.local",
            Endpoints = [.. Addresses(1, count).Select(static a => new EndpointModel(a.Address.ToString(), a.Port, EndpointHealth.Ready))],
        });
        return [.. cluster.Usable];
    }

    private static IPEndPoint[] Addresses(byte network, int count) =>
        [.. Enumerable.Range(1, count).Select(i => new IPEndPoint(new IPAddress([10, network, (byte)(i >> 8), (byte)i]), 5678))];

    private sealed class NoTransport : IMeshTransportFactory
    {
        public HttpMessageHandler Create(MeshTransportContext context) => new NoOpHandler();
    }
}
