using System.Net;

namespace MeshSdk.Grpc.Tests.Fixtures;

/// <summary>Objects as a cluster has them, in the namespace <c>default</c>.</summary>
internal static class Manifests
{
    /// <summary>A Service with port 80 for gRPC, and its endpoints.</summary>
    public static string Service(string name, params EchoServer[] servers) => Service(name, [.. servers.Select(static server => server.EndPoint)]);

    /// <inheritdoc cref="Service(string, EchoServer[])"/>
    public static string Service(string name, params IPEndPoint[] endpoints) => $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: default }
        spec: { clusterIP: None, ports: [{ name: grpc, port: 80, targetPort: 80 }] }
        ---

        """ + string.Concat(endpoints.Select((endpoint, i) => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: {{name}}-{{i}}, namespace: default, labels: { kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{ name: grpc, port: {{endpoint.Port}}, protocol: TCP }]
        endpoints: [{ addresses: ["{{endpoint.Address}}"], conditions: { ready: true } }]
        ---

        """));

    /// <summary>A GRPCRoute of a Service with one rule, in the words of YAML: indented by four, beginning with <c>backendRefs</c> or <c>matches</c>.</summary>
    public static string GrpcRoute(string service, string rules) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: { name: {{service}}, namespace: default }
        spec:
          parentRefs: [{ group: "", kind: Service, name: {{service}} }]
          rules:
        {{rules}}
        ---

        """;

    /// <inheritdoc cref="GrpcRoute"/>
    public static string HttpRoute(string service, string rules) =>
        GrpcRoute(service, rules).Replace("GRPCRoute", "HTTPRoute", StringComparison.Ordinal);
}
