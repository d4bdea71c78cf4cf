using System.Net;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Sessions;

/// <summary>From manifests to real servers.</summary>
public sealed class SessionManifestTests
{
    [Theory]
    [InlineData("{type: Cookie, cookie: {name: place, path: /shop}}", "place=")]
    [InlineData("{sessionName: place, type: Cookie}", "place=")]
    [InlineData("{type: Header, header: {name: x-place}}", "")]
    public async Task A_route_keeps_sessions_as_its_manifest_says(string persistence, string prefix)
    {
        await using var v1 = await EchoServer.StartAsync("v1");
        await using var v2 = await EchoServer.StartAsync("v2");
        var source = new InMemorySource();
        source.Apply(string.Join("\n---\n", Service("backend"), Service("v1"), Service("v2"), Slice("v1", v1.EndPoint), Slice("v2", v2.EndPoint), Route(1, 1, persistence)));
        await using var mesh = await Mesh.StartAsync(new MeshOptions { InMemory = source });
        using var client = mesh.CreateClient();
        var (response, token) = ("", "");
        for (var i = 0; i < 4 && response != "v2"; i++)
        {
            (response, token) = await CallAsync(client, prefix, null);
        }

        Assert.Equal("v2", response);
        var revision = mesh.Revision;
        source.Apply(Route(1, 0, persistence));
        await Eventually.HoldsAsync(() => mesh.Revision > revision);

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(("v2", ""), await CallAsync(client, prefix, token));
            Assert.Equal("v1", (await CallAsync(client, prefix, null)).Server);
        }

        Assert.Empty(mesh.Diagnostics);
    }

    private static async Task<(string Server, string Token)> CallAsync(HttpClient client, string prefix, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/shop");
        if (token is not null)
        {
            request.Headers.Add(prefix.Length > 0 ? "Cookie" : "x-place", token);
        }

        using var response = await client.SendAsync(request);
        var issued = response.Headers.TryGetValues(prefix.Length > 0 ? "Set-Cookie" : "x-place", out var values) ? Assert.Single(values).Split(';')[0] : "";
        Assert.StartsWith(issued.Length > 0 ? prefix : "", issued, StringComparison.Ordinal);
        return ((await Echo.ReadAsync(response)).Server, issued);
    }

    private static string Service(string name) => $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}} }
        spec: {ports: [{name: http, port: 80}]}
        """;

    private static string Slice(string service, IPEndPoint endpoint) => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{service}}, labels: {kubernetes.io/service-name: {{service}} } }
        addressType: IPv4
        ports: [{name: http, port: {{endpoint.Port}}}]
        endpoints: [{addresses: ["{{endpoint.Address}}"], targetRef: {kind: Pod, name: {{service}}-1, uid: "uid-of-{{service}}" } }]
        """;

    private static string Route(int v1, int v2, string persistence) => $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: backend}
        spec:
          parentRefs: [{name: backend, kind: Service, group: ""}]
          rules:
          - sessionPersistence: {{persistence}}
            backendRefs:
            - {name: v1, port: 80, weight: {{v1}}}
            - {name: v2, port: 80, weight: {{v2}}}
        """;
}
