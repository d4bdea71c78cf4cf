using System.Net;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>The manifests of these tests: one Service <c>backend</c>, and what is said of it. Blocks are given as flow mappings.</summary>
internal static class PolicyYaml
{
    /// <summary>A Service with one port.</summary>
    /// <param name="servers">Its endpoints.</param>
    /// <param name="port">The name of the port, which says what it speaks.</param>
    /// <param name="annotations">A mapping.</param>
    /// <param name="spec">More of the Service's fields.</param>
    public static string Backend(IEnumerable<IPEndPoint> servers, string port = "http", string annotations = "{}", string spec = "") =>
        Service(port, annotations, spec) + string.Concat(servers.Select(server => Endpoint(server, port: port)));

    public static string Backend(params EchoServer[] servers) => Backend(servers.Select(static s => s.EndPoint));

    public static string Service(string port = "http", string annotations = "{}", string spec = "") =>
        $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: backend, namespace: default, annotations: {{annotations}} }
        spec: { ports: [{name: {{port}}, port: {{(port == "https" ? 443 : 80)}} }] {{(spec == "" ? "" : ", " + spec)}} }
        ---

        """;

    /// <summary>A slice of one endpoint: each server has a port of its own.</summary>
    /// <param name="server">Its address.</param>
    /// <param name="place">More of the endpoint's fields: zone, node, conditions.</param>
    /// <param name="port">The name of the port.</param>
    public static string Endpoint(IPEndPoint server, string place = "", string port = "http") =>
        $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: backend-{{server.Port}}, namespace: default, labels: {kubernetes.io/service-name: backend} }
        addressType: IPv4
        ports: [{name: {{port}}, port: {{server.Port}} }]
        endpoints: [{ addresses: ["{{server.Address}}"] {{(place == "" ? "" : ", " + place)}} }]
        ---

        """;

    public static string Rule(string trafficPolicy) =>
        $$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend, namespace: default}
        spec: { host: backend, trafficPolicy: { {{trafficPolicy}} } }
        ---

        """;

    /// <summary>A rule for the backend that stands in any namespace.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="trafficPolicy">What it says.</param>
    /// <param name="host">For whom.</param>
    /// <param name="exportTo">A sequence; empty for everybody.</param>
    public static string RuleOf(string ns, string trafficPolicy, string host = "backend.default.svc.cluster.local", string exportTo = "[]") =>
        $$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend, namespace: {{ns}} }
        spec: { host: "{{host}}", exportTo: {{exportTo}}, trafficPolicy: { {{trafficPolicy}} } }
        ---

        """;

    /// <summary>A route to the backend whose only rule says something of how calls are made: timeouts, retries.</summary>
    public static string Routed(string rule) =>
        $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: backend, namespace: default}
        spec:
          parentRefs: [{group: "", kind: Service, name: backend, port: 80}]
          rules: [{ {{rule}}, backendRefs: [{name: backend, port: 80}] }]
        ---

        """;

    public static string MeshConfig(string fields) =>
        $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data: { mesh: "{ {{fields}} }" }
        ---

        """;

    public static string Node(string name, string region, string zone) =>
        $$"""
        apiVersion: v1
        kind: Node
        metadata: {name: {{name}}, labels: {topology.kubernetes.io/region: {{region}}, topology.kubernetes.io/zone: {{zone}} } }
        ---

        """;
}
