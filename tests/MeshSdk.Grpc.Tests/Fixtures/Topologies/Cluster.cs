namespace MeshSdk.Grpc.Tests.Fixtures.Topologies;

/// <summary>Manifests of Services whose endpoints are pods with an identity or without.</summary>
internal static class Cluster
{
    public const string ServerId = "spiffe://cluster.local/ns/default/sa/server", ClientId = "spiffe://cluster.local/ns/default/sa/client";

    /// <summary>A Service with the port 80, its pods, and the DestinationRule for it, if there is one.</summary>
    /// <param name="name">Of the Service.</param>
    /// <param name="layer">How its servers are called.</param>
    /// <param name="policy">More of the DestinationRule's <c>trafficPolicy</c>, as YAML in one line.</param>
    /// <param name="servers">Its endpoints; a stopped server is one that refuses connections.</param>
    public static string Service(string name, Layer layer, string policy = "", params EchoServer[] servers)
    {
        var pods = string.Concat(servers.Select((server, i) => $$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: {{name}}-{{i}}, namespace: default, labels: { app: {{name}}{{(layer == Layer.AutoMtls ? ", security.istio.io/tlsMode: istio" : "")}} } }
            spec: { serviceAccountName: server, containers: [] }
            status: { podIP: 127.0.0.1, podIPs: [{ ip: 127.0.0.1 }] }
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: {{name}}-{{i}}, namespace: default, labels: { kubernetes.io/service-name: {{name}} } }
            addressType: IPv4
            ports: [{ name: grpc, port: {{server.EndPoint.Port}}, protocol: TCP }]
            endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true }, targetRef: { kind: Pod, name: {{name}}-{{i}}, namespace: default, uid: uid-{{name}}-{{i}} } }]
            ---

            """));
        return $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: {{name}}, namespace: default }
            spec: { clusterIP: None, selector: { app: {{name}} }, ports: [{ name: grpc, port: 80 }] }
            ---

            """ + pods + Policy(name, layer, policy);
    }

    /// <summary>The DestinationRule of a Service; nothing where it would say nothing.</summary>
    public static string Policy(string service, Layer layer, string policy)
    {
        var fields = string.Join(", ", new[] { layer == Layer.IstioMutual ? "tls: { mode: ISTIO_MUTUAL }" : "", policy }.Where(static part => part.Length > 0));
        return fields.Length == 0
            ? ""
            : $$"""
              apiVersion: networking.istio.io/v1
              kind: DestinationRule
              metadata: { name: {{service}}, namespace: default }
              spec: { host: {{service}}.default.svc.cluster.local, trafficPolicy: { {{fields}} } }
              ---

              """;
    }
}
