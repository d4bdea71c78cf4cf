using Grpc.Core;
using GrpcCanary.Protos;
using Microsoft.AspNetCore.Http;

namespace GrpcCanary.Server;

/// <summary>Says in every reply who has answered, and whom.</summary>
internal sealed class GreeterService(GreeterServer server) : Greeter.GreeterBase
{
    public override Task<HelloReply> Hello(HelloRequest request, ServerCallContext context)
    {
        server.ThrowIfBroken();
        return Task.FromResult(Reply(context));
    }

    public override Task<HelloReply> Preview(HelloRequest request, ServerCallContext context) =>
        server.Version == "v2"
            ? Task.FromResult(Reply(context))
            : throw new RpcException(new Status(StatusCode.Unimplemented, $"{server.Version} knows no previews"));

    public override async Task Count(CountRequest request, IServerStreamWriter<HelloReply> responseStream, ServerCallContext context)
    {
        for (var i = 0; i < request.Messages; i++)
        {
            await responseStream.WriteAsync(Reply(context), context.CancellationToken);
        }
    }

    public override async Task Chat(IAsyncStreamReader<HelloRequest> requestStream, IServerStreamWriter<HelloReply> responseStream, ServerCallContext context)
    {
        await foreach (var _ in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(Reply(context), context.CancellationToken);
        }
    }

    private HelloReply Reply(ServerCallContext context) => new()
    {
        Version = server.Version,
        Address = server.Address,
        Caller = context.GetHttpContext().GetMeshPeer()?.Id.ToString() ?? "",
    };
}
