using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>Copies of calls: one of each that goes out whole in 64 KiB, unary or not, and nothing that the caller would notice.</summary>
public sealed class MirrorTests(Servers servers)
{
    // The copy is the call as it is at the mirror's place: the caller's script is for the mirror, and the backend always answers.
    private const string ToV2 = """
          - filters:
            - { type: RequestMirror, requestMirror: { backendRef: { name: v2, port: 80 } } }
            - { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-script, value: ok }] } }
            backendRefs: [{ name: v1, port: 80 }]
        """;

    public static TheoryData<CallKind, ClientWay, Layer, string> Cells =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from way in new[] { ClientWay.Invoker, ClientWay.Channel }
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           from script in new[] { "ok", "status:14", "headers:13", "reset:2", "wait" }
           where way == ClientWay.Invoker || layer == Layer.Plaintext
           select (kind, way, layer, script),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_call_is_mirrored_once_and_its_caller_hears_nothing_of_it(CallKind kind, ClientWay way, Layer layer, string script)
    {
        await using var caller = await StartAsync(layer, way);
        var call = new Call(script, "x-mine=1");

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(CallRunner.Texts(kind), result.Texts);
        var arrivals = await call.ArrivedAsync(2);
        call.Release();
        await Eventually.HoldsAsync(() => caller.Mirrored.Count == 1, "the copy is over");
        await caller.IdleAsync("v1", "v2");
        Assert.Equal(["v1", "v2"], call.Arrivals.Select(static arrival => arrival.Server[..2]).Order());
        Assert.All(arrivals, arrival => Assert.Equal(($"/test.Echo/{CallRunner.MethodOf(kind)}", "1"), (arrival.Method, arrival.Find("x-mine"))));
        Assert.Equal(["v1 200 0 -"], caller.Counted);
    }

    [Fact]
    public async Task A_stream_is_mirrored_when_it_has_been_sent_to_its_end()
    {
        await using var caller = await StartAsync(Layer.Plaintext);
        var call = new Call();
        using var stream = caller.Client.Duplex(call.Options);
        await stream.RequestStream.WriteAsync(new EchoRequest { Text = "a" });
        Assert.True(await stream.ResponseStream.MoveNext());
        Assert.Equal("v1", Assert.Single(call.Arrivals).Server[..2]);

        await stream.RequestStream.CompleteAsync();

        Assert.False(await stream.ResponseStream.MoveNext());
        Assert.Equal("v2", (await call.ArrivedAsync(2))[1].Server[..2]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_larger_than_64_KiB_is_not_mirrored(bool isStream)
    {
        const int Large = 70_000, Messages = 10;
        await using var caller = await StartAsync(Layer.Plaintext);
        var call = new Call();
        if (isStream)
        {
            using var stream = caller.Client.ClientStream(call.Options);
            for (var i = 0; i < Messages; i++)
            {
                await stream.RequestStream.WriteAsync(new EchoRequest { Text = new string('a', Large / Messages) });
            }

            await stream.RequestStream.CompleteAsync();
            Assert.Equal(Large + Messages - 1, (await stream).Text.Length);
        }
        else
        {
            Assert.Equal(Large, (await caller.Client.UnaryAsync(new EchoRequest { Text = new string('a', Large) }, call.Options)).Text.Length);
        }

        await Eventually.HoldsAsync(() => caller.Mirrored.Count == 1, "the copy is over");
        Assert.Equal(["v2 dropped"], caller.Mirrored);
        Assert.Equal("v1", Assert.Single(call.Arrivals).Server[..2]);
    }

    private Task<MeshCaller> StartAsync(Layer layer, ClientWay way = ClientWay.Invoker) =>
        MeshCaller.StartAsync(servers.Cluster(layer) + Manifests.GrpcRoute("backend", ToV2), way, servers.ClientOf(layer));
}
