using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Features;

/// <summary>Metadata both ways: text and bytes, before the first message and after the last.</summary>
public sealed class MetadataTests(Servers servers)
{
    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)];

    // The second is of a length that base64 pads. Under one name they would be one value with a comma to .NET's HTTP/2, which no server of gRPC reads.
    private static readonly byte[][] Values = [AllBytes, AllBytes[..1]];

    private static readonly string[] Names = ["all-bin", "one-bin"];

    public static TheoryData<CallKind, ClientWay, Layer> Cells =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from way in new[] { ClientWay.Invoker, ClientWay.Factory, ClientWay.Channel }
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           select (kind, way, layer),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Bytes_arrive_as_they_were(CallKind kind, ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), way, servers.ClientOf(layer));
        var call = new Call(options: new CallOptions(Bytes("")));

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(Values.Select(Convert.ToBase64String), Names.Select(Assert.Single(call.Arrivals).Find));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Headers_and_trailers_of_a_call_that_goes_well_come_back(CallKind kind, ClientWay way, Layer layer)
    {
        if (kind == CallKind.BlockingUnary)
        {
            return; // has neither
        }

        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), way, servers.ClientOf(layer));
        var sent = Bytes("to-headers-");
        foreach (var entry in Bytes("to-trailers-"))
        {
            sent.Add(entry);
        }

        var call = new Call(metadata: "to-headers-text=early to-trailers-text=late", options: new CallOptions(sent));

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(("early", "late"), (result.Headers.GetValue("text"), result.Trailers.GetValue("text")));
        Assert.Equal(Values, Names.Select(result.Headers.GetValueBytes));
        Assert.Equal(Values, Names.Select(result.Trailers.GetValueBytes));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Trailers_of_a_call_that_fails_come_back(CallKind kind, ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), way, servers.ClientOf(layer));
        foreach (var script in new[] { "status:9", "headers:9" })
        {
            var call = new Call(script, "to-trailers-text=late", new CallOptions(Bytes("to-trailers-")));

            var result = await caller.Client.CallAsync(kind, call);

            Assert.Equal((StatusCode.FailedPrecondition, "as the script says"), (result.Status, result.Detail));
            Assert.Equal("late", result.Trailers.GetValue("text"));
            Assert.Equal(Values, Names.Select(result.Trailers.GetValueBytes));
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Headers_come_before_there_is_a_message(CallKind kind, ClientWay way, Layer layer)
    {
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer), way, servers.ClientOf(layer));
        var call = new Call("headers-wait", "to-headers-text=early");
        Metadata? headers = null;
        switch (kind)
        {
            case CallKind.Unary:
                using (var unary = caller.Client.UnaryAsync(new EchoRequest { Text = "a" }, call.Options))
                {
                    headers = await unary.ResponseHeadersAsync.WaitAsync(Eventually.Patience);
                    Assert.False(unary.ResponseAsync.IsCompleted);
                    call.Release();
                    Assert.Equal("a", (await unary.ResponseAsync.WaitAsync(Eventually.Patience)).Text);
                }

                break;
            case CallKind.ServerStream:
                using (var down = caller.Client.ServerStream(new EchoRequest { Replies = 1 }, call.Options))
                {
                    headers = await ReadAsync(call, down.ResponseHeadersAsync, down.ResponseStream);
                }

                break;
            case CallKind.ClientStream:
                using (var up = caller.Client.ClientStream(call.Options))
                {
                    await up.RequestStream.WriteAsync(new EchoRequest { Text = "a" });
                    headers = await up.ResponseHeadersAsync.WaitAsync(Eventually.Patience);
                    call.Release();
                    Assert.False(up.ResponseAsync.IsCompleted);
                    await up.RequestStream.CompleteAsync();
                    Assert.Equal("a", (await up.ResponseAsync.WaitAsync(Eventually.Patience)).Text);
                }

                break;
            case CallKind.Duplex:
                using (var both = caller.Client.Duplex(call.Options))
                {
                    await both.RequestStream.WriteAsync(new EchoRequest { Text = "a" });
                    headers = await ReadAsync(call, both.ResponseHeadersAsync, both.ResponseStream);
                }

                break;
            default:
                return; // has no headers
        }

        Assert.Equal("early", headers.GetValue("text"));
    }

    private static async Task<Metadata> ReadAsync(Call call, Task<Metadata> arriving, IAsyncStreamReader<EchoReply> replies)
    {
        var headers = await arriving.WaitAsync(Eventually.Patience);
        var first = replies.MoveNext();
        Assert.False(first.IsCompleted);
        call.Release();
        Assert.True(await first.WaitAsync(Eventually.Patience));
        return headers;
    }

    private static Metadata Bytes(string prefix)
    {
        var metadata = new Metadata();
        foreach (var (name, value) in Names.Zip(Values))
        {
            metadata.Add(prefix + name, value);
        }

        return metadata;
    }
}
