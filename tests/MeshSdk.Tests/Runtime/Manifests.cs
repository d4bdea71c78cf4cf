using System.Net;

namespace MeshSdk.Tests.Runtime;

/// <summary>The few manifests that these tests need.</summary>
internal static class Manifests
{
    /// <summary>A service on port 80, and one slice that holds its endpoints, which all have the same port.</summary>
    public static string Service(string name, params IPEndPoint[] endpoints) => Service(name, "http", 80, endpoints);

    public static string Service(string name, string portName, int port, params IPEndPoint[] endpoints) =>
        $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}, namespace: default}
        spec:
          ports: [{name: {{portName}}, port: {{port}}}]
        ---
        {{string.Join("\n---\n", endpoints.GroupBy(static e => e.Port).Select(group => Slice(name, portName, group.Key, [.. group])))}}
        ---

        """;

    private static string Slice(string name, string portName, int port, IPEndPoint[] endpoints) =>
        $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{name}}-{{port}}, namespace: default, labels: {kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{name: {{portName}}, port: {{port}}}]
        endpoints:
        {{string.Join('\n', endpoints.Select(static e => $"- addresses: [{e.Address}]"))}}
        """;

    /// <summary>A route that divides the requests for <paramref name="parent"/> by weight.</summary>
    public static string Route(string parent, params (string Backend, int Weight)[] backends) =>
        $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: {{parent}}-split, namespace: default}
        spec:
          parentRefs: [{group: "", kind: Service, name: {{parent}}, port: 80}]
          rules:
          - backendRefs:
        {{string.Join('\n', backends.Select(static b => $"    - {{name: {b.Backend}, port: 80, weight: {b.Weight}}}"))}}
        ---

        """;

    /// <summary>A pod's address that nothing listens on: for tests that replace the network.</summary>
    public static IPEndPoint Pod(int number) => new(IPAddress.Parse($"10.0.0.{number}"), 8080);
}
