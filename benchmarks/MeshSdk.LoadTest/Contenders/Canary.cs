using System.Net;
using MeshSdk.Benchmarks.Shared;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>The reference canary over five endpoints, three of version 1 and two of version 2, and the floor beside it.</summary>
internal static class Canary
{
    public const string Address = "http://backend";

    public static (IPEndPoint[] V1, IPEndPoint[] V2) Endpoints(BackendProcess backend, HttpProtocol protocol)
    {
        var all = protocol == HttpProtocol.Http1 ? backend.Http1 : backend.Http2;
        return (all[..3], all[3..5]);
    }

    public static InMemorySource Source(BackendProcess backend, HttpProtocol protocol, bool isSecured = false)
    {
        var (v1, v2) = Endpoints(backend, protocol);
        var source = new InMemorySource();
        source.Apply(CanaryManifests.All(
            v1, v2, appProtocol: protocol == HttpProtocol.Http1 ? "http" : "kubernetes.io/h2c", policy: isSecured ? CanaryManifests.MutualTls : ""));
        return source;
    }

    public static async Task<Contender> MeshAsync(BackendProcess backend, HttpProtocol protocol)
    {
        var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = Source(backend, protocol) });
        return new Contender("mesh", new HttpMessageInvoker(mesh.CreateHandler()), Address, mesh);
    }

    /// <summary>The same, where the route has both timeouts and retries, which no request needs.</summary>
    public static async Task<Contender> ArmedAsync(BackendProcess backend, HttpProtocol protocol)
    {
        var source = Source(backend, protocol);
        source.Apply(CanaryManifests.Route(90, 10) + """

                timeouts: {request: 30s, backendRequest: 10s}
                retry: {attempts: 3, codes: [502, 503], backoff: 50ms}
            """);
        var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
        return new Contender("mesh, armed", new HttpMessageInvoker(mesh.CreateHandler()), Address, mesh);
    }

    public static Contender RoundRobin(BackendProcess backend, HttpProtocol protocol)
    {
        var (v1, v2) = Endpoints(backend, protocol);
        return new Contender("round robin by hand", new HttpMessageInvoker(new RoundRobinHandler([.. v1, .. v2], protocol)), Address);
    }
}
