using System.Globalization;
using System.Net;
using System.Text;
using Grpc.Core;
using MeshSdk.Benchmarks.Shared;

namespace MeshSdk.Benchmarks.Grpc;

/// <summary>The reference canary for gRPC, over a transport that does nothing.</summary>
internal static class GrpcMesh
{
    /// <summary>A method whose messages cost nothing to read or write.</summary>
    public static readonly Method<byte[], byte[]> Echo = new(MethodType.Unary, "load.Target", "Echo", Bytes(), Bytes());

    private static Marshaller<byte[]> Bytes() => Marshallers.Create(static (byte[] bytes) => bytes, static bytes => bytes);

    /// <summary>Divides 90/10.</summary>
    public static Task<Mesh> StartAsync() => StartAsync(CanaryManifests.GrpcRoute(90, 10));

    /// <summary>The same, with timeouts and retries that no call needs.</summary>
    public static Task<Mesh> StartArmedAsync() => StartAsync(CanaryManifests.Route(90, 10) + """

            timeouts: {request: 30s, backendRequest: 10s}
            retry: {attempts: 3, codes: [503], backoff: 50ms}
        """);

    /// <summary>A route with a rule for each of so many methods, of which <see cref="Echo"/> is the last.</summary>
    public static Task<Mesh> StartAsync(int methods)
    {
        var route = new StringBuilder(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: GRPCRoute
            metadata: {name: backend-split}
            spec:
              parentRefs: [{name: backend, kind: Service, group: "", port: 80}]
              rules:
            """);
        for (var first = 1; first <= methods; first += 8)
        {
            // A rule may have as many matches as this, and a route 16 rules.
            route.Append("\n  - backendRefs: [{name: backend-v1, port: 80}]\n    matches:");
            for (var i = first; i < first + 8 && i <= methods; i++)
            {
                var method = i == methods ? Echo.Name : $"Method{i}";
                route.Append(CultureInfo.InvariantCulture, $"\n    - method: {{service: {Echo.ServiceName}, method: {method}}}");
            }
        }

        return StartAsync(route.ToString());
    }

    private static async Task<Mesh> StartAsync(string route)
    {
        var source = new InMemorySource();
        source.Apply(CanaryManifests.Services(Addresses(1, 3), Addresses(2, 2), appProtocol: "kubernetes.io/h2c", policy: "outlierDetection: {consecutive5xxErrors: 5}"));
        source.Apply(route);
        return await Mesh.StartAsync(new MeshOptions { InMemory = source, TransportFactory = new NoTransport() });
    }

    private static IPEndPoint[] Addresses(byte network, int count) =>
        [.. Enumerable.Range(1, count).Select(i => new IPEndPoint(new IPAddress([10, network, 0, (byte)i]), 5678))];

    private sealed class NoTransport : IMeshTransportFactory
    {
        public HttpMessageHandler Create(MeshTransportContext context) => new NoOpGrpcHandler();
    }
}
