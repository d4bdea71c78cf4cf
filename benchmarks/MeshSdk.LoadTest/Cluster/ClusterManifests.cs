using System.Globalization;

namespace MeshSdk.LoadTest.Cluster;

/// <summary>The reference canary as it is written on a cluster, where services select pods.</summary>
internal static class ClusterManifests
{
    public const string App = "backend";

    /// <summary>A route for <c>backend</c>, and the services that it leads to with their rules.</summary>
    public static string Canary(int v1, int v2) => string.Join("\n---\n",
        Service("backend", App), Service("backend-v1", App, "v1"), Service("backend-v2", App, "v2"), Rule("backend-v1"), Rule("backend-v2"), Route(v1, v2));

    /// <param name="name">Of the service.</param>
    /// <param name="app">The pods that it selects.</param>
    /// <param name="version">Null: all of them.</param>
    public static string Service(string name, string app, string? version = null) =>
        $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}}
        spec:
          selector: {app: {{app}}{{(version is null ? "" : $", version: {version}")}}}
          ports: [{name: http, port: 80, targetPort: 5678, protocol: TCP, appProtocol: http}]
        """;

    public static string Route(int v1, int v2) =>
        $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: backend-split}
        spec:
          parentRefs: [{name: backend, kind: Service, group: "", port: 80}]
          {{Rules(v1, v2)}}
        """;

    /// <summary>The merge patch that changes the weights of <see cref="Route"/>.</summary>
    public static string Weights(int v1, int v2) => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"spec":{"rules":[{"backendRefs":[{"name":"backend-v1","port":80,"weight":{{{v1}}}},{"name":"backend-v2","port":80,"weight":{{{v2}}}}]}]}}""");

    private static string Rules(int v1, int v2) => string.Create(CultureInfo.InvariantCulture,
        $$$"""rules: [{backendRefs: [{name: backend-v1, port: 80, weight: {{{v1}}}}, {name: backend-v2, port: 80, weight: {{{v2}}}}]}]""");

    private static string Rule(string service) =>
        $$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: {{service}}}
        spec:
          host: {{service}}.default.svc.cluster.local
          trafficPolicy:
            loadBalancer: {simple: ROUND_ROBIN}
        """;
}
