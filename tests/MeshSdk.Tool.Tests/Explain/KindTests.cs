namespace MeshSdk.Tool.Tests.Explain;

/// <summary>GRPCRoutes beside HTTPRoutes, grants and policies of backends, as every command shows them.</summary>
public sealed class KindTests : IDisposable
{
    private const string Mesh = """
        apiVersion: v1
        kind: Service
        metadata: { name: orders, namespace: shop }
        spec: { ports: [{ name: grpc, port: 80 }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: v1, namespace: far }
        spec: { ports: [{ name: grpc, port: 80 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: v1-x, namespace: far, labels: { kubernetes.io/service-name: v1 } }
        addressType: IPv4
        ports: [{ name: grpc, port: 9000 }]
        endpoints: [{ addresses: [10.0.0.1] }]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: web, namespace: shop }
        spec:
          parentRefs: [{ group: "", kind: Service, name: orders }]
          rules: [{ backendRefs: [{ name: orders, port: 80 }] }]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: { name: calls, namespace: shop }
        spec:
          parentRefs: [{ group: "", kind: Service, name: orders }]
          rules:
          - name: place
            matches: [{ method: { service: shop.Orders, method: Place } }]
            backendRefs: [{ name: v1, namespace: far, port: 80 }]
          - matches: [{ method: { method: Ping } }]
            backendRefs: [{ name: gone, port: 80 }]
        """;

    private readonly ManifestDirectory _manifests = new();

    public void Dispose() => _manifests.Dispose();

    [Fact]
    public async Task A_gRPC_call_is_explained_by_GRPCRoutes_and_any_other_by_HTTPRoutes()
    {
        var call = (await RunAsync("explain", "-o", "json", "--grpc", "shop.Orders/Place", "http://orders/")).Json;
        Assert.Equal("forward", call.GetProperty("action").GetString());
        Assert.Equal("producer", call.GetProperty("scope").GetString());
        Assert.Equal(
            """{"kind":"GRPCRoute","namespace":"shop","name":"calls","rule":0,"ruleName":"place","match":0}""",
            call.GetProperty("route").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));
        Assert.Equal("HTTPRoute", Kind(await RunAsync("explain", "-o", "json", "http://orders/shop.Orders/Place")));
        Assert.Equal("GRPCRoute", Kind(await RunAsync("explain", "-o", "json", "-X", "POST", "-H", "content-type: application/grpc+proto", "http://orders/shop.Orders/Place")));

        static string? Kind(ToolRun run) => run.Json.GetProperty("route").GetProperty("kind").GetString();
    }

    [Theory]
    [InlineData("shop.Orders/Cancel", 12, "[]")]
    [InlineData("any.Other/Ping", 14, "[14]")]
    public async Task A_gRPC_call_fails_in_words_of_gRPC(string method, int status, string shares)
    {
        var call = (await RunAsync("explain", "-o", "json", "--grpc", method, "http://orders/")).Json;
        Assert.Equal(("fail", 200, status), (call.GetProperty("action").GetString(), call.GetProperty("status").GetInt32(), call.GetProperty("grpcStatus").GetInt32()));
        Assert.Equal("producer", call.GetProperty("scope").GetString());
        Assert.Equal(shares, $"[{string.Join(',', call.GetProperty("backends").EnumerateArray().Select(static backend => backend.GetProperty("grpcStatus").GetInt32()))}]");
    }

    [Fact]
    public async Task Routes_of_both_kinds_are_listed()
    {
        var text = await RunAsync("get", "routes");
        Assert.Equal(["NAME", "grpcroute/calls", "httproute/web"], text.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')[0]));
        var json = (await RunAsync("get", "routes", "-o", "json")).Json;
        Assert.Equal(
            ["GRPCRoute calls 2", "HTTPRoute web 1"],
            json.EnumerateArray().Select(static route => $"{route.GetProperty("kind")} {route.GetProperty("name")} {route.GetProperty("rules")}"));
    }

    [Fact]
    public async Task A_service_is_described_with_both()
    {
        var text = (await RunAsync("describe", "service", "orders")).Out;
        Assert.Contains("HTTPRoute: web (producer)\n", text, StringComparison.Ordinal);
        Assert.Contains("GRPCRoute: calls (producer)\n   Rule 0 \"place\":\n      Match: /shop.Orders/Place\n", text, StringComparison.Ordinal);
        Assert.Contains("Match: /*/Ping\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Not used", text, StringComparison.Ordinal);

        text = (await RunAsync("describe", "service", "v1.far")).Out;
        Assert.Contains("Reached by GRPCRoute: calls, rule 0", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grants_count_where_they_are_asked_for()
    {
        string[] command = ["explain", "-o", "json", "--reference-grants", "enforce", "--grpc", "shop.Orders/Place", "http://orders/"];
        var refused = await RunAsync(command);
        Assert.Equal(14, refused.Json.GetProperty("grpcStatus").GetInt32());
        Assert.Contains(refused.Json.GetProperty("diagnostics").EnumerateArray(), static problem => problem.GetProperty("code").GetString() == "RefNotPermitted");
        Assert.Empty(refused.Error);

        _manifests.Write("grant.yaml", """
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: { name: shop, namespace: far }
            spec:
              from: [{ group: gateway.networking.k8s.io, kind: GRPCRoute, namespace: shop }]
              to: [{ group: "", kind: Service, name: v1 }]
            """);
        Assert.Equal("forward", (await RunAsync(command)).Json.GetProperty("action").GetString());
    }

    [Fact]
    public async Task Istios_defaults_add_retries_where_a_route_states_none()
    {
        var retry = (await RunAsync("explain", "-o", "json", "--istio-compatible", "http://orders/")).Json.GetProperty("retry");
        Assert.Equal((2, 0, "25ms"), (retry.GetProperty("attempts").GetInt32(), retry.GetProperty("codes").GetArrayLength(), retry.GetProperty("backoff").GetString()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await RunAsync("explain", "-o", "json", "http://orders/")).Json.GetProperty("retry").ValueKind);
    }

    /// <summary>Requests are not sent then, so it is not said that they are.</summary>
    [Theory]
    [InlineData(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: { name: v1, namespace: far }
        spec:
          targetRefs: [{ group: "", kind: Service, name: v1 }]
          validation: { hostname: v1.example, caCertificateRefs: [{ group: "", kind: ConfigMap, name: gone }] }
        """)]
    [InlineData(
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: v1, namespace: far }
        spec: { host: v1, trafficPolicy: { tls: { mode: MUTUAL } } }
        """)]
    public async Task TLS_that_cannot_be_is_a_share_that_is_answered_503(string policy)
    {
        _manifests.Write("tls.yaml", policy);

        var call = (await RunAsync("explain", "-o", "json", "--grpc", "shop.Orders/Place", "http://orders/")).Json;
        Assert.Equal("fail", call.GetProperty("action").GetString());
        Assert.Equal(503, call.GetProperty("backends")[0].GetProperty("status").GetInt32());
        Assert.Contains("answered gRPC status 14: cannot be called as ", (await RunAsync("describe", "service", "orders")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_that_a_service_asks_for_is_shown_with_the_policy_that_says_so()
    {
        _manifests.Write("tls.yaml", """
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: { name: v1, namespace: far }
            spec:
              targetRefs: [{ group: "", kind: Service, name: v1 }]
              validation: { hostname: v1.example, wellKnownCACertificates: System }
            """);
        var text = (await RunAsync("describe", "service", "v1.far")).Out;
        Assert.Contains("10.0.0.1:9000  ready        TLS simple: BackendTLSPolicy far/v1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NoIdentity", text, StringComparison.Ordinal);
        var call = (await RunAsync("explain", "-o", "json", "--grpc", "shop.Orders/Place", "http://orders/")).Json;
        var endpoint = call.GetProperty("backends")[0].GetProperty("endpoints")[0];
        Assert.Equal(("simple", "v1.example"), (endpoint.GetProperty("tls").GetString(), endpoint.GetProperty("sans")[0].GetString()));
        Assert.DoesNotContain(call.GetProperty("diagnostics").EnumerateArray(), static problem => problem.GetProperty("code").GetString() == "NoIdentity");
    }

    private Task<ToolRun> RunAsync(params string[] args)
    {
        _manifests.Write("mesh.yaml", Mesh);
        return ToolRun.Of([.. args, "-n", "shop", "--manifests", _manifests.Path]);
    }
}
