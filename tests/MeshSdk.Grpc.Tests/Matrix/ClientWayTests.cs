using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>Every kind of call by every way to make a client, on every layer: answered once, whole, and accounted for.</summary>
public sealed class ClientWayTests(Servers servers)
{
    public static TheoryData<CallKind, ClientWay, Layer> Cells =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from way in Enum.GetValues<ClientWay>()
           from layer in Enum.GetValues<Layer>()
           select (kind, way, layer),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_call_is_answered(CallKind kind, ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), way, servers.ClientOf(layer));
        var call = new Call(metadata: "x-mine=1 x-mine=2");

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(CallRunner.Texts(kind), result.Texts);
        Assert.Equal(layer == Layer.Plaintext ? "" : Cluster.ClientId, result.Peer);
        var arrival = Assert.Single(call.Arrivals);
        Assert.Equal($"/test.Echo/{CallRunner.MethodOf(kind)}", arrival.Method);
        Assert.Equal("1,2", string.Join(',', arrival.All("x-mine")).Replace(", ", ",", StringComparison.Ordinal));
        Assert.Equal(["backend 200 0 -"], await caller.CountedAsync(1));
        await caller.IdleAsync("backend");
    }
}
