using Grpc.Core;
using Grpc.Net.Client;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>Messages that are too large, methods that there are not, and streams that nobody reads: who is told, and whether the endpoint is charged.</summary>
public sealed class LimitTests(Servers servers)
{
    private const string OneStrike = "outlierDetection: { consecutive5xxErrors: 1, maxEjectionPercent: 100, interval: 3600s, baseEjectionTime: 3600s }";

    private const int Mebibyte = 1024 * 1024;

    public static TheoryData<bool, Layer> Cells =>
    [
        .. from isStream in new[] { false, true }
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           select (isStream, layer),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_message_that_the_server_does_not_take_fails_and_charges_nobody(bool isStream, Layer layer)
    {
        await using var caller = await StartAsync(layer);

        // Servers of ASP.NET Core take 4 MB.
        var failure = await FailureOfAsync(caller, 5 * Mebibyte, isStream);

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Equal(["backend 200 8 -"], await caller.CountedAsync(1));
        await AssertUnharmedAsync(caller);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_message_that_the_client_does_not_take_fails_and_charges_nobody(bool isStream, Layer layer)
    {
        await using var caller = await StartAsync(layer, static channel => channel.MaxReceiveMessageSize = Mebibyte);

        var failure = await FailureOfAsync(caller, 2 * Mebibyte, isStream);

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        await caller.CountedAsync(1);
        await AssertUnharmedAsync(caller);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_message_that_the_client_may_not_send_fails_and_charges_nobody(bool isStream, Layer layer)
    {
        await using var caller = await StartAsync(layer, static channel => channel.MaxSendMessageSize = Mebibyte);

        var failure = await FailureOfAsync(caller, 2 * Mebibyte, isStream);

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        await AssertUnharmedAsync(caller);
    }

    [Theory]
    [InlineData("test.Echo", "Missing", Layer.Plaintext)]
    [InlineData("test.Echo", "Missing", Layer.IstioMutual)]
    [InlineData("test.Missing", "Unary", Layer.Plaintext)]
    [InlineData("test.Missing", "Unary", Layer.IstioMutual)]
    public async Task What_a_server_does_not_have_is_unimplemented_and_charged_as_501(string service, string method, Layer layer)
    {
        await using var caller = await StartAsync(layer);
        var missing = new Method<EchoRequest, EchoReply>(
            MethodType.Unary,
            service,
            method,
            Marshallers.Create(static request => Google.Protobuf.MessageExtensions.ToByteArray(request), EchoRequest.Parser.ParseFrom),
            Marshallers.Create(static reply => Google.Protobuf.MessageExtensions.ToByteArray(reply), EchoReply.Parser.ParseFrom));

        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await caller.Invoker.AsyncUnaryCall(missing, null, new CallOptions(), new EchoRequest()).ResponseAsync.WaitAsync(Eventually.Patience));

        // Of the server and not of the mesh: its words.
        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
        Assert.Contains(service == "test.Echo" ? "Method is unimplemented" : "Service is unimplemented", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(["backend 200 12 -"], await caller.CountedAsync(1));
        await caller.IdleAsync("backend");
        Assert.Empty(caller.Usable());
    }

    [Theory]
    [InlineData(Layer.Plaintext)]
    [InlineData(Layer.IstioMutual)]
    public async Task Streams_that_are_let_go_of_unread_charge_nobody_and_hold_nothing_up(Layer layer)
    {
        // More in all than a connection's window takes: what is not read must be given back.
        const int Streams = 50, Size = 32 * 1024;
        await using var caller = await StartAsync(layer);
        string? connection = null;
        for (var i = 0; i < Streams; i++)
        {
            var call = new Call();
            using (var stream = caller.Client.ServerStream(new EchoRequest { Text = new string('a', Size), Replies = 1000 }, call.Options))
            {
                await stream.ResponseHeadersAsync.WaitAsync(Eventually.Patience);
                Assert.True(i % 2 == 0 || await stream.ResponseStream.MoveNext());
            }

            var arrival = (await call.ArrivedAsync())[0];
            await arrival.Cancelled.WaitAsync(Eventually.Patience);
            Assert.Equal(connection ??= arrival.Connection, arrival.Connection);
        }

        await AssertUnharmedAsync(caller);
    }

    private static async Task<RpcException> FailureOfAsync(MeshCaller caller, int size, bool isStream)
    {
        var request = new EchoRequest { Text = new string('a', size) };
        if (!isStream)
        {
            return await Assert.ThrowsAsync<RpcException>(async () => await caller.Client.UnaryAsync(request).ResponseAsync.WaitAsync(Eventually.Patience));
        }

        using var stream = caller.Client.Duplex();
        return await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await stream.RequestStream.WriteAsync(new EchoRequest { Text = "small" }).WaitAsync(Eventually.Patience);
            Assert.True(await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience));
            try
            {
                await stream.RequestStream.WriteAsync(request).WaitAsync(Eventually.Patience);
            }
            catch (Exception e) when (e is RpcException { StatusCode: StatusCode.OK or StatusCode.Cancelled } or InvalidOperationException or OperationCanceledException)
            {
                // The call has ended while this was written: its status is what is read.
            }

            await stream.ResponseStream.MoveNext().WaitAsync(Eventually.Patience);
        });
    }

    private static async Task AssertUnharmedAsync(MeshCaller caller)
    {
        await caller.IdleAsync("backend");
        Assert.Single(caller.Usable());
        Assert.Equal(StatusCode.OK, (await caller.Client.CallAsync(CallKind.Duplex, new Call())).Status);
    }

    private Task<MeshCaller> StartAsync(Layer layer, Action<GrpcChannelOptions>? channel = null) =>
        MeshCaller.StartAsync(Cluster.Service("backend", layer, OneStrike, servers.Of(layer, "v1-a")), identity: servers.ClientOf(layer), channel: channel);
}
