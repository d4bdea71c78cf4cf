using System.Globalization;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http.Filters;

/// <summary>
/// A real server behind the Service <c>backend</c>, and a route with the given rules for it: from the manifest to the wire. <c>BACKEND</c> in the rules
/// stands for the reference, without its closing brace so that filters may follow.
/// </summary>
internal sealed class RoutedBackend : IAsyncDisposable
{
    private readonly InMemorySource _manifests;

    private RoutedBackend(EchoServer server, Mesh mesh, InMemorySource manifests) => (Server, Mesh, _manifests) = (server, mesh, manifests);

    public EchoServer Server { get; }

    public Mesh Mesh { get; }

    public static Task<RoutedBackend> StartAsync(string rules, HttpProtocols protocols = HttpProtocols.Http1, Action<MeshOptions>? configure = null) =>
        StartAsync(rules, EchoServer.StartAsync("backend", protocols), protocols, configure);

    public static async Task<RoutedBackend> StartAsync(
        string rules, Task<EchoServer> starting, HttpProtocols protocols = HttpProtocols.Http1, Action<MeshOptions>? configure = null)
    {
        var server = await starting;
        var manifests = new InMemorySource();
        var protocol = protocols == HttpProtocols.Http2 ? "kubernetes.io/h2c" : "http";
        manifests.Apply(
            $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: backend, namespace: default }
            spec: { ports: [{ name: web, port: 80, appProtocol: {{protocol}} }, { name: other, port: 8080, appProtocol: {{protocol}} }] }
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: backend-1, namespace: default, labels: { kubernetes.io/service-name: backend } }
            addressType: IPv4
            ports: [{ name: web, port: {{server.EndPoint.Port}} }, { name: other, port: {{server.EndPoint.Port}} }]
            endpoints: [{ addresses: ["127.0.0.1"] }]
            """);
        var backend = new RoutedBackend(server, null!, manifests);
        backend.Route(rules);
        var options = new MeshOptions { Namespace = "default", InMemory = manifests };
        configure?.Invoke(options);
        return new RoutedBackend(server, await Mesh.StartAsync(options), manifests);
    }

    /// <summary>Puts other rules in the place of those that there are.</summary>
    public void Route(string rules) => _manifests.Apply(string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: route, namespace: default }
        spec: { parentRefs: [{ group: "", kind: Service, name: backend }], rules: [{{rules.Replace("BACKEND", "name: backend, port: 80", StringComparison.Ordinal)}}] }
        """));

    public HttpClient CreateClient(HttpMessageHandler? primary = null, MeshClientOptions? options = null) => new(Mesh.CreateHandler(options, primary));

    /// <summary>A client that hands 3xx on.</summary>
    public HttpClient CreatePlainClient() => CreateClient(options: new MeshClientOptions { AllowAutoRedirect = false, RecordCalls = true });

    public async ValueTask DisposeAsync()
    {
        await Mesh.DisposeAsync();
        await Server.DisposeAsync();
    }
}
