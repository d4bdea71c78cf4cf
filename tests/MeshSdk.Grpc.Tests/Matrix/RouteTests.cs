using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>Where routes lead calls of each kind: Gateway API, GRPCRoute and HTTPRoute with a Service as parent.</summary>
public sealed class RouteTests(Servers servers)
{
    private const string ToV1 = "    backendRefs: [{ name: v1, port: 80 }]", ToV2 = "    backendRefs: [{ name: v2, port: 80 }]";

    // The rules of the GRPCRoute, those of the HTTPRoute, metadata, and who answers: a Service, or a status and a part of its detail.
    // {0} stands for the method that is called.
    public static TheoryData<string, string, string, string> Routes => new()
    {
        { "", "", "", "backend" },

        // GRPCRoute: method.
        { Rule("method: { service: test.Echo }", ToV2), "", "", "v2" },
        { Rule("method: { service: test.Echo, method: {0} }", ToV2), "", "", "v2" },
        { Rule("method: { method: {0} }", ToV2), "", "", "v2" },
        { Rule("method: { service: test.echo }", ToV2), "", "", "Unimplemented no rule of" },
        { Rule("method: { service: test.Echo, method: Other }", ToV2), "", "", "Unimplemented no rule of" },
        { Rule("method: { type: RegularExpression, service: 'test[.].*' }", ToV2), "", "", "v2" },
        { Rule("method: { type: RegularExpression, method: '(Un|S|C|D).*' }", ToV2), "", "", "v2" },
        { Rule("method: { type: RegularExpression, service: 'test' }", ToV2), "", "", "Unimplemented no rule of" },
        { Rule("method: { service: test.Echo }", ToV1) + Rule("method: { service: test.Echo, method: {0} }", ToV2), "", "", "v2" },

        // GRPCRoute: headers.
        { Rule("headers: [{ name: x-user, value: tester }]", ToV2) + Rule("", ToV1), "", "x-user=tester", "v2" },
        { Rule("headers: [{ name: X-User, value: tester }]", ToV2) + Rule("", ToV1), "", "x-user=tester", "v2" },
        { Rule("headers: [{ name: x-user, value: tester }]", ToV2) + Rule("", ToV1), "", "x-user=other", "v1" },
        { Rule("headers: [{ type: RegularExpression, name: x-user, value: 'te.*' }]", ToV2) + Rule("", ToV1), "", "x-user=tester", "v2" },
        { Rule("headers: [{ name: x-user, value: tester }]", ToV2), "", "", "Unimplemented no rule of" },
        { Rule("method: { service: test.Echo }, headers: [{ name: x-user, value: a }]", ToV2) + Rule("method: { service: test.Echo }", ToV1), "", "x-user=a", "v2" },

        // HTTPRoute for gRPC: path and headers.
        { "", Rule("path: { type: PathPrefix, value: /test.Echo }", ToV2), "", "v2" },
        { "", Rule("path: { type: Exact, value: '/test.Echo/{0}' }", ToV2) + Rule("path: { type: PathPrefix, value: / }", ToV1), "", "v2" },
        { "", Rule("path: { type: PathPrefix, value: /test.Other }", ToV2), "", "Unimplemented no rule of" },
        { "", Rule("headers: [{ name: x-user, value: tester }]", ToV2) + Rule("", ToV1), "x-user=tester", "v2" },
        { "", Rule("method: POST", ToV2) + Rule("", ToV1), "", "v2" },

        // Both kinds on one Service: the GRPCRoute alone decides about gRPC.
        { Rule("", ToV1), Rule("", ToV2), "", "v1" },
        { Rule("method: { service: no.Other }", ToV1), Rule("", ToV2), "", "Unimplemented no rule of" },

        // Backends: gateway-api.md 2.9 and 2.10.
        { Rule("", "    backendRefs: [{ name: v1, port: 80, weight: 0 }, { name: v2, port: 80, weight: 3 }]"), "", "", "v2" },
        { Rule("", "    backendRefs: [{ name: nowhere, port: 80, weight: 0 }, { name: v2, port: 80 }]"), "", "", "v2" },
        { Rule("", "    backendRefs: [{ name: nowhere, port: 80 }]"), "", "", "Unavailable nowhere" },
        { Rule("", "    backendRefs: [{ name: v1, port: 81 }]"), "", "", "Unavailable BackendNotFound" },
        { Rule("", "    backendRefs: [{ name: v1, namespace: other, port: 80 }]"), "", "", "Unavailable GRPCRoute" },
        { Rule("", "    backendRefs: [{ name: v1, kind: ConfigMap, group: '', port: 80 }]"), "", "", "Unavailable InvalidKind" },
        { Rule("", "    backendRefs: []"), "", "", "Unavailable GRPCRoute" },
        { Rule("", "    backendRefs: [{ name: v1, port: 80, weight: 0 }]"), "", "", "Unavailable GRPCRoute" },
        { Rule("", "    backendRefs: [{ name: empty, port: 80 }]"), "", "", "Unavailable no usable endpoint of" },
        { "", Rule("", "    backendRefs: [{ name: nowhere, port: 80 }]"), "", "Unavailable nowhere" },
        { "", Rule("", "    backendRefs: [{ name: empty, port: 80 }]"), "", "Unavailable no usable endpoint of" },
        { Rule("", "    filters: [{ type: ExtensionRef, extensionRef: { group: a.b, kind: C, name: d } }]\n" + ToV1), "", "", "Unavailable GRPCRoute" },
    };

    public static TheoryData<CallKind, Layer, string, string, string, string> Cells =>
    [
        .. from route in Routes
           from kind in Enum.GetValues<CallKind>()
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           let row = route.Data
           select (kind, layer, row.Item1, row.Item2, row.Item3, row.Item4),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_route_leads_each_kind_of_call(CallKind kind, Layer layer, string grpc, string http, string metadata, string expected)
    {
        var method = CallRunner.MethodOf(kind);
        await using var caller = await MeshCaller.StartAsync(
            servers.Cluster(layer) + Cluster.Service("empty", Layer.Plaintext) + Routed(grpc, http).Replace("{0}", method, StringComparison.Ordinal),
            identity: servers.ClientOf(layer));
        var call = new Call(metadata: metadata);

        var result = await caller.Client.CallAsync(kind, call);

        var counted = Assert.Single(await caller.CountedAsync(1));
        if (expected.Split(' ', 2) is [var status, var detail])
        {
            Assert.Equal(status, result.Status.ToString());
            Assert.Contains(detail, result.Detail, StringComparison.Ordinal);
            Assert.Empty(call.Arrivals);
            var (code, flags) = (status == "Unimplemented" ? 12 : 14, status == "Unimplemented" ? "NR" : expected.Contains("usable", StringComparison.Ordinal) ? "UH" : null);
            Assert.Contains($" 200 {code} {flags}", counted, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
            Assert.Equal(CallRunner.Texts(kind), result.Texts);
            Assert.StartsWith(expected == "backend" ? "v" : expected, Assert.Single(call.Arrivals).Server, StringComparison.Ordinal);
            Assert.Equal($"{expected} 200 0 -", counted);
        }

        await caller.IdleAsync("v1", "v2");
    }

    private static string Rule(string match, string rest) =>
        match.Length == 0 ? "  -\n" + rest + "\n" : $"  - matches: [{{ {match} }}]\n{rest}\n";

    private static string Routed(string grpc, string http) =>
        (grpc.Length > 0 ? Manifests.GrpcRoute("backend", grpc) : "") + (http.Length > 0 ? Manifests.HttpRoute("backend", http) : "");
}
