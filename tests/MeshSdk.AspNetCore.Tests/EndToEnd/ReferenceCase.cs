namespace MeshSdk.AspNetCore.Tests.EndToEnd;

/// <summary>The objects of the reference case, with servers of this machine as pods.</summary>
internal static class ReferenceCase
{
    public const string Strict = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: default, namespace: istio-test }
        spec: { mtls: { mode: STRICT } }
        """;

    /// <summary>Of each server.</summary>
    public static string[] Versions { get; } = ["v1", "v1", "v1", "v2", "v2"];

    public static string IdentityOf(int server) => $"spiffe://cluster.local/ns/istio-test/sa/backend-{Versions[server]}";

    /// <param name="ports">Of each server.</param>
    /// <param name="tls">What the DestinationRules ask for.</param>
    /// <param name="account">Which account each server has, as far as the mesh knows; null: that of its version.</param>
    public static string Manifests(int[] ports, string tls = "ISTIO_MUTUAL", Func<int, string>? account = null) => string.Join(
        "\n---\n",
        [
            Route, Service("backend", ""), Service("backend-v1", ", version: v1"), Service("backend-v2", ", version: v2"), Rule("v1", tls), Rule("v2", tls),
            .. ports.Select((port, server) => Pod(server, port, account?.Invoke(server) ?? $"backend-{Versions[server]}")),
        ]);

    private const string Route = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: backend-split, namespace: istio-test }
        spec:
          parentRefs: [{ group: "", kind: Service, name: backend, port: 80 }]
          rules:
          - backendRefs: [{ name: backend-v1, port: 80, weight: 90 }, { name: backend-v2, port: 80, weight: 10 }]
        """;

    private static string Service(string name, string version) =>
        $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: istio-test }
        spec: { selector: { app: backend{{version}} }, ports: [{ name: http, port: 80 }] }
        """;

    private static string Rule(string version, string tls) =>
        $$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: backend-{{version}}, namespace: istio-test }
        spec: { host: backend-{{version}}.istio-test.svc.cluster.local, trafficPolicy: { tls: { mode: {{tls}} } } }
        """;

    private static string Pod(int server, int port, string account) =>
        $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: backend-{{server}}, namespace: istio-test, labels: { app: backend, version: {{Versions[server]}}, security.istio.io/tlsMode: istio } }
        spec: { serviceAccountName: {{account}}, containers: [] }
        status: { podIP: 127.0.0.1, podIPs: [{ ip: 127.0.0.1 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: backend-{{server}}, namespace: istio-test, labels: { kubernetes.io/service-name: backend-{{Versions[server]}} } }
        addressType: IPv4
        ports: [{ name: http, port: {{port}} }]
        endpoints: [{ addresses: [127.0.0.1], targetRef: { kind: Pod, name: backend-{{server}}, namespace: istio-test } }]
        """;
}
