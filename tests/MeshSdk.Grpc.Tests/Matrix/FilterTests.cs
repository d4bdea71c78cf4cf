using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>What filters of rules and of their backends do to the metadata of each kind of call, and to that of its answer.</summary>
public sealed class FilterTests(Servers servers)
{
    private const string OfBoth = """
          - filters:
            - type: RequestHeaderModifier
              requestHeaderModifier: { set: [{ name: X-Set, value: rule }], add: [{ name: X-Add, value: rule }], remove: [X-Gone] }
            - type: ResponseHeaderModifier
              responseHeaderModifier: { set: [{ name: X-Set, value: rule }], add: [{ name: X-Add, value: rule }], remove: [X-Gone] }
            backendRefs:
            - name: v1
              port: 80
              filters:
              - type: RequestHeaderModifier
                requestHeaderModifier: { add: [{ name: X-Add, value: v1 }], set: [{ name: X-Backend, value: v1 }] }
              - type: ResponseHeaderModifier
                responseHeaderModifier: { add: [{ name: X-Add, value: v1 }], set: [{ name: X-Backend, value: v1 }] }
            - name: v2
              port: 80
              filters:
              - type: RequestHeaderModifier
                requestHeaderModifier: { add: [{ name: X-Add, value: v2 }], set: [{ name: X-Backend, value: v2 }] }
              - type: ResponseHeaderModifier
                responseHeaderModifier: { add: [{ name: X-Add, value: v2 }], set: [{ name: X-Backend, value: v2 }] }
        """;

    public static TheoryData<CallKind, Layer, bool> Cells =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           from isGrpcRoute in new[] { true, false }
           select (kind, layer, isGrpcRoute),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Metadata_is_set_added_and_removed_both_ways(CallKind kind, Layer layer, bool isGrpcRoute)
    {
        await using var caller = await StartAsync(layer, isGrpcRoute);
        var backends = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 4; i++)
        {
            var call = new Call(metadata: "x-set=mine x-add=mine x-gone=mine to-headers-x-set=server to-headers-x-add=server to-headers-x-gone=server to-trailers-x-set=server");

            var result = await caller.Client.CallAsync(kind, call);

            Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
            Assert.Equal(CallRunner.Texts(kind), result.Texts);
            var arrival = Assert.Single(call.Arrivals);
            var backend = arrival.Server[..2];
            backends.Add(backend);
            Assert.Equal(("rule", $"mine,rule,{backend}", "", backend), Four(arrival.All));
            if (kind != CallKind.BlockingUnary)
            {
                // On the way back the backend's filters come first. Trailers are no headers.
                Assert.Equal(("rule", $"server,{backend},rule", "", backend), Four(name => Values(result.Headers, name)));
                Assert.Equal("server", result.Trailers.GetValue("x-set"));
                Assert.Null(result.Trailers.GetValue("x-add"));
            }
        }

        Assert.Equal(2, backends.Count);
    }

    // The headers of a reply that is nothing but a status are what a client of gRPC calls trailers.
    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_reply_without_messages_is_filtered_too_and_keeps_its_status(CallKind kind, Layer layer, bool isGrpcRoute)
    {
        await using var caller = await StartAsync(layer, isGrpcRoute);
        var call = new Call("status:5", "to-trailers-x-set=server to-trailers-x-add=server to-trailers-x-gone=server");

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal((StatusCode.NotFound, "as the script says"), (result.Status, result.Detail));
        var backend = Assert.Single(call.Arrivals).Server[..2];
        Assert.Equal(("rule", $"server,{backend},rule", "", backend), Four(name => Values(result.Trailers, name)));
    }

    private static (string Set, string Add, string Gone, string Backend) Four(Func<string, IEnumerable<string>> values) =>
        (Joined(values("x-set")), Joined(values("x-add")), Joined(values("x-gone")), Joined(values("x-backend")));

    private static string Joined(IEnumerable<string> values) => string.Join(',', values).Replace(", ", ",", StringComparison.Ordinal);

    private static IEnumerable<string> Values(Metadata metadata, string name) => metadata.GetAll(name).Select(static entry => entry.Value);

    private Task<MeshCaller> StartAsync(Layer layer, bool isGrpcRoute) => MeshCaller.StartAsync(
        servers.Cluster(layer) + (isGrpcRoute ? Manifests.GrpcRoute("backend", OfBoth) : Manifests.HttpRoute("backend", OfBoth)), identity: servers.ClientOf(layer));
}
