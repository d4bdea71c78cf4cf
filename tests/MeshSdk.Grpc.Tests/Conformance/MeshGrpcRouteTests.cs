using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Conformance;

/// <summary>The mesh conformance cases for GRPCRoute, called by a client of gRPC's own: <c>v1</c> and <c>v2</c> stand for echo-v1 and echo-v2.</summary>
public sealed class MeshGrpcRouteTests(Servers servers)
{
    [Theory]
    [InlineData(Layer.Plaintext)]
    [InlineData(Layer.AutoMtls)]
    public async Task MeshGRPCRouteWeight(Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(
            servers.Cluster(layer) + Manifests.GrpcRoute("backend", """
              - backendRefs:
                - { name: v1, port: 80, weight: 70 }
                - { name: v2, port: 80, weight: 30 }
                - { name: v3, port: 80, weight: 0 }
            """),
            identity: servers.ClientOf(layer));
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < 500; i++)
        {
            var result = await caller.Client.CallAsync(new Call());
            Assert.Equal(StatusCode.OK, result.Status);
            counts[result.Server![..2]] = counts.GetValueOrDefault(result.Server![..2]) + 1;
        }

        // The case allows ± 5 %; the split here is exact over each run of its period.
        Assert.Equal((350, 150), (counts["v1"], counts["v2"]));
    }

    [Theory]
    [InlineData("set", "some-other-header=val x-header-set=this-value-should-be-overwritten", "v1", "some-other-header=val x-header-set=set-overwrites-values", "")]
    [InlineData("add", "some-other-header=val x-header-add=this-value-should-be-appended", "v1", "some-other-header=val x-header-add=this-value-should-be-appended,add-appends-values", "")]
    [InlineData("add", "", "v1", "x-header-add=add-appends-values", "")]
    [InlineData("remove", "x-header-remove=val", "v1", "", "x-header-remove")]
    [InlineData(
        "multi", "x-header-set-2=set-val-2 x-header-add-2=add-header-2 x-header-remove-2=remove-val-2 another-header=another-header-val", "v2",
        "x-header-set-1=header-set-1 x-header-set-2=header-set-2 x-header-add-1=header-add-1 x-header-add-2=add-header-2,header-add-2 another-header=another-header-val",
        "x-header-remove-1 x-header-remove-2")]
    public async Task MeshGRPCRouteRequestHeaderModifier(string testCase, string metadata, string backend, string expected, string absent)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(Layer.Plaintext) + Manifests.GrpcRoute("backend", """
              - matches: [{ headers: [{ name: x-test-case, value: set }] }]
                filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X-Header-Set, value: set-overwrites-values }] } }]
                backendRefs: [{ name: v1, port: 80 }]
              - matches: [{ headers: [{ name: x-test-case, value: add }] }]
                filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { add: [{ name: X-Header-Add, value: add-appends-values }] } }]
                backendRefs: [{ name: v1, port: 80 }]
              - matches: [{ headers: [{ name: x-test-case, value: remove }] }]
                filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { remove: [X-Header-Remove] } }]
                backendRefs: [{ name: v1, port: 80 }]
              - matches: [{ headers: [{ name: x-test-case, value: multi }] }]
                filters:
                - type: RequestHeaderModifier
                  requestHeaderModifier:
                    set: [{ name: X-Header-Set-1, value: header-set-1 }, { name: X-Header-Set-2, value: header-set-2 }]
                    add: [{ name: X-Header-Add-1, value: header-add-1 }, { name: X-Header-Add-2, value: header-add-2 }]
                    remove: [X-Header-Remove-1, X-Header-Remove-2]
                backendRefs: [{ name: v2, port: 80 }]
            """));
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            var call = new Call(metadata: $"x-test-case={testCase} {metadata}");

            Assert.Equal(StatusCode.OK, (await caller.Client.CallAsync(kind, call)).Status);

            var arrival = Assert.Single(call.Arrivals);
            Assert.StartsWith(backend, arrival.Server, StringComparison.Ordinal);
            foreach (var entry in expected.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var (name, value) = (entry.Split('=')[0], entry.Split('=')[1]);
                Assert.Equal(value, string.Join(',', arrival.All(name)));
            }

            Assert.All(absent.Split(' ', StringSplitOptions.RemoveEmptyEntries), name => Assert.Empty(arrival.All(name)));
        }
    }
}
