using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>Weights of backends: exact over each hundred calls, whatever kinds they are of and however many are made at once.</summary>
public sealed class SplitTests(Servers servers)
{
    private const string NinetyTen = "  - backendRefs: [{ name: v1, port: 80, weight: 90 }, { name: v2, port: 80, weight: 10 }]";

    [Theory]
    [InlineData(ClientWay.Invoker, Layer.Plaintext, 1)]
    [InlineData(ClientWay.Invoker, Layer.IstioMutual, 8)]
    [InlineData(ClientWay.Factory, Layer.Plaintext, 8)]
    [InlineData(ClientWay.PlainFactory, Layer.Plaintext, 8)]
    [InlineData(ClientWay.Channel, Layer.Plaintext, 8)]
    public async Task Ninety_of_a_hundred_calls_of_all_kinds_go_to_one_and_ten_to_the_other(ClientWay way, Layer layer, int atOnce)
    {
        const int Calls = 200;
        await using var caller = await MeshCaller.StartAsync(
            servers.Cluster(layer) + Manifests.GrpcRoute("backend", NinetyTen), way, servers.ClientOf(layer));
        var kinds = Enum.GetValues<CallKind>();
        var made = Enumerable.Range(0, Calls).Select(static _ => new Call()).ToArray();
        var next = -1;

        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is < Calls and var i)
            {
                Assert.Equal(StatusCode.OK, (await caller.Client.CallAsync(kinds[i % kinds.Length], made[i])).Status);
            }
        }));

        var counts = made.CountBy(static call => Assert.Single(call.Arrivals).Server[..2]).ToDictionary();
        Assert.Equal((180, 20), (counts["v1"], counts["v2"]));
    }
}
