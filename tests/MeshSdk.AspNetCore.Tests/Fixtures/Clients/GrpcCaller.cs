using Grpc.Core;
using Grpc.Net.Client;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>gRPC's own client: one call, and one stream of answers.</summary>
internal sealed class GrpcCaller : ICaller
{
    public async Task<Answer> CallAsync(Call call)
    {
        using var channel = ChannelFor(call);
        return await CallAsync(channel.CreateCallInvoker());
    }

    public static GrpcChannel ChannelFor(Call call) => GrpcChannel.ForAddress(
        $"{(call.IsSecure ? "https" : "http")}://{call.Server}",
        new GrpcChannelOptions { HttpHandler = HttpClientCaller.HandlerFor(call), DisposeHttpClient = true });

    public static async Task<Answer> CallAsync(CallInvoker invoker)
    {
        try
        {
            using var unary = invoker.AsyncUnaryCall(EchoGrpc.Unary, null, default, "");
            var answer = await unary.ResponseAsync.WaitAsync(Eventually.Patience);
            using var stream = invoker.AsyncServerStreamingCall(EchoGrpc.Stream, null, default, "");
            var answers = await stream.ResponseStream.ReadAllAsync().ToListAsync();
            Assert.Equal([answer, answer, answer], answers);
            return new Answer(answer);
        }
        catch (RpcException exception)
        {
            return exception.Status.DebugException?.IsRefusal() == true ? Answer.Refused : new Answer($"grpc-status {(int)exception.StatusCode}");
        }
    }
}
