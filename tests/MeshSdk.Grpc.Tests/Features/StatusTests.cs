using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Features;

/// <summary>How the end of a call is told: by its status and trailers, and by the exception that the channel's options ask for.</summary>
public sealed class StatusTests(Servers servers)
{
    public static TheoryData<ClientWay, Layer> Cells =>
    [
        .. from way in Enum.GetValues<ClientWay>()
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           select (way, layer),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Status_and_trailers_can_be_asked_for_when_the_call_has_ended_and_not_before(ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), way, servers.ClientOf(layer));
        foreach (var (script, status) in new[] { ("headers-wait", StatusCode.OK), ("replied:6", StatusCode.AlreadyExists) })
        {
            var call = new Call(script, "to-trailers-text=late");
            using var stream = caller.Client.Duplex(call.Options);
            await stream.RequestStream.WriteAsync(new EchoRequest());
            Assert.Throws<InvalidOperationException>(() => stream.GetStatus());
            Assert.Throws<InvalidOperationException>(() => stream.GetTrailers());
            call.Release();
            Assert.True(await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
            if (status == StatusCode.OK)
            {
                await stream.RequestStream.CompleteAsync();
                Assert.False(await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
            }
            else
            {
                var failure = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
                Assert.Equal("late", failure.Trailers.GetValue("text"));
            }

            Assert.Equal(status, stream.GetStatus().StatusCode);
            Assert.Equal("late", stream.GetTrailers().GetValue("text"));
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Cancellation_is_thrown_as_such_where_the_channel_says_so(ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(
            servers.Cluster(layer), way, servers.ClientOf(layer), channel: static channel => channel.ThrowOperationCanceledOnCancellation = true);
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            using var cancellation = new CancellationTokenSource();
            var cancelled = new Call("wait", options: new CallOptions(cancellationToken: cancellation.Token));
            var under = caller.Client.CallAsync(kind, cancelled);
            await cancelled.ArrivedAsync();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => under);

            var late = new Call("wait", "x-deaf=1", new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(100)));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.Client.CallAsync(kind, late));

            // Other failures stay what they are.
            Assert.Equal(StatusCode.Aborted, (await caller.Client.CallAsync(kind, new Call("status:10"))).Status);
        }

        await caller.IdleAsync("backend");
    }
}
