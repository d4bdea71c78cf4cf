using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>Streams that a server gives back with REFUSED_STREAM: nothing was done for them, so they are sent again without anybody's leave.</summary>
public sealed class RefusalTests(Servers servers)
{
    private const string OneStrike = "outlierDetection: { consecutive5xxErrors: 1, maxEjectionPercent: 100, interval: 3600s, baseEjectionTime: 3600s }";

    // Without those that stream to the server: it is the HTTP stack that sends again first, and what a stream of Grpc.Net.Client has written is written once.
    public static TheoryData<CallKind, ClientWay> Cells =>
    [
        .. from kind in new[] { CallKind.Unary, CallKind.BlockingUnary, CallKind.ServerStream }
           from way in new[] { ClientWay.Invoker, ClientWay.Factory, ClientWay.Channel }
           select (kind, way),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_refused_call_is_sent_again_and_charges_nobody(CallKind kind, ClientWay way)
    {
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", Layer.Plaintext, OneStrike, servers.Of(Layer.Plaintext, "v1-a")), way);
        var call = new Call("reset:7,ok");

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(CallRunner.Texts(kind), result.Texts);
        Assert.Equal(2, call.Arrivals.Count);
        Assert.Equal(["backend 200 0 -"], await caller.CountedAsync(1));
        await caller.IdleAsync("backend");
        Assert.Single(caller.Usable());
    }

    // The HTTP stack tries a refusing server four times before it gives up. The mesh then tries another one.
    [Theory]
    [InlineData(CallKind.Unary)]
    [InlineData(CallKind.BlockingUnary)]
    public async Task A_call_that_one_endpoint_goes_on_refusing_goes_to_another(CallKind kind)
    {
        await using var caller = await MeshCaller.StartAsync(
            Cluster.Service("backend", Layer.Plaintext, "", servers.Of(Layer.Plaintext, "v1-a"), servers.Of(Layer.Plaintext, "v1-b")));
        var call = new Call("reset:7,reset:7,reset:7,reset:7,ok");

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(5, call.Arrivals.Count);
        Assert.Single(call.Arrivals.Take(4).DistinctBy(static arrival => arrival.Server));
        Assert.NotEqual(call.Arrivals[0].Server, call.Arrivals[4].Server);
        Assert.Equal(["backend 200 0 -"], await caller.CountedAsync(1));
    }

    // The HTTP stack asks for the stream once more, of which nothing is left: without a word it would send an empty one.
    [Theory]
    [InlineData(CallKind.ClientStream)]
    [InlineData(CallKind.Duplex)]
    public async Task A_refused_stream_of_a_client_fails_and_loses_nothing_in_silence(CallKind kind)
    {
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", Layer.Plaintext, "", servers.Of(Layer.Plaintext, "v1-a")));
        var call = new Call("reset:7,ok");

        var failed = await Record.ExceptionAsync(async () => Assert.NotEqual(StatusCode.OK, (await caller.Client.CallAsync(kind, call)).Status));

        Assert.True(failed is null or HttpRequestException or IOException, failed?.ToString());
    }
}
