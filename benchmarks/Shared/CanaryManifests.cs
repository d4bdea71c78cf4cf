using System.Globalization;
using System.Net;
using System.Text;

namespace MeshSdk.Benchmarks.Shared;

/// <summary>
/// The reference canary, as one would apply it to a cluster: <c>backend</c> is divided between <c>backend-v1</c> and <c>backend-v2</c>, and each
/// of these is balanced round robin.
/// </summary>
internal static class CanaryManifests
{
    /// <summary>Who endpoints are where they do mutual TLS.</summary>
    public const string Identity = "spiffe://cluster.local/ns/default/sa/backend";

    /// <summary>For policies: mutual TLS with endpoints that are <see cref="Identity"/>.</summary>
    public const string MutualTls = $"tls: {{mode: ISTIO_MUTUAL, subjectAltNames: [{Identity}]}}";

    /// <summary>All of it; the policies of both versions may say more than how they are balanced, in YAML.</summary>
    public static string All(
        IReadOnlyCollection<IPEndPoint> v1, IReadOnlyCollection<IPEndPoint> v2, string loadBalancer = "ROUND_ROBIN", string appProtocol = "http",
        string policy = "") =>
        string.Join("\n---\n", Services(v1, v2, loadBalancer, appProtocol, policy), Route(90, 10));

    /// <summary>All but the split.</summary>
    public static string Services(
        IReadOnlyCollection<IPEndPoint> v1, IReadOnlyCollection<IPEndPoint> v2, string loadBalancer = "ROUND_ROBIN", string appProtocol = "http",
        string policy = "") =>
        string.Join("\n---\n",
            Service("backend", appProtocol), Service("backend-v1", appProtocol), Service("backend-v2", appProtocol),
            Rule("backend-v1", loadBalancer, policy), Rule("backend-v2", loadBalancer, policy),
            Slices("backend-v1", v1), Slices("backend-v2", v2));

    /// <summary>The split; the rule may have filters, in YAML.</summary>
    public static string Route(int v1, int v2, string filters = "[]") =>
        $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: backend-split}
        spec:
          parentRefs: [{name: backend, kind: Service, group: "", port: 80}]
          rules:
          - filters: {{filters}}
            backendRefs:
            - {name: backend-v1, port: 80, weight: {{v1}}}
            - {name: backend-v2, port: 80, weight: {{v2}}}
        """;

    /// <summary>The split of gRPC calls. Those that say so in a header go to version 2, all others are divided.</summary>
    public static string GrpcRoute(int v1, int v2) =>
        $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: backend-split}
        spec:
          parentRefs: [{name: backend, kind: Service, group: "", port: 80}]
          rules:
          - matches: [{headers: [{name: x-canary, value: "true"}]}]
            backendRefs: [{name: backend-v2, port: 80}]
          - backendRefs:
            - {name: backend-v1, port: 80, weight: {{v1}}}
            - {name: backend-v2, port: 80, weight: {{v2}}}
        """;

    /// <summary>One slice for each port number that the endpoints have, since all endpoints of a slice share theirs.</summary>
    public static string Slices(string service, IEnumerable<IPEndPoint> endpoints) =>
        string.Join("\n---\n", endpoints.GroupBy(static e => e.Port).Select(group => Slice(service, group.Key, group.Select(static e => e.Address))));

    /// <summary>The slice that <see cref="Slices"/> makes for one port number; without addresses it takes the endpoints back.</summary>
    public static string Slice(string service, int port, IEnumerable<IPAddress> addresses)
    {
        var slice = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $$"""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: {{service}}-{{port}}
              labels: {kubernetes.io/service-name: {{service}} }
            addressType: IPv4
            ports: [{name: http, port: {{port}}, protocol: TCP}]
            endpoints:
            """));
        var any = false;
        foreach (var address in addresses)
        {
            any = true;
            slice.Append(CultureInfo.InvariantCulture, $"\n- {{addresses: [{address}], conditions: {{ready: true}}}}");
        }

        return any ? slice.ToString() : slice.Append(" []").ToString();
    }

    private static string Service(string name, string appProtocol) =>
        $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}}
        spec:
          ports: [{name: http, port: 80, targetPort: 5678, protocol: TCP, appProtocol: {{appProtocol}}}]
        """;

    private static string Rule(string service, string loadBalancer, string policy) =>
        $$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: {{service}}}
        spec:
          host: {{service}}.default.svc.cluster.local
          trafficPolicy:
            loadBalancer: {simple: {{loadBalancer}} }
            {{policy}}
        """;
}
