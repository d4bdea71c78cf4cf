using Grpc.Core;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Fixtures;

/// <summary>Answers with the server's name, and does what the test has written for it before that.</summary>
internal sealed class EchoService(EchoServer server) : Echo.EchoBase
{
    public override async Task<EchoReply> Unary(EchoRequest request, ServerCallContext context)
    {
        await server.ReceiveAsync(context);
        await (server.AfterRead?.Invoke(context) ?? Task.CompletedTask);
        return Reply(request, context);
    }

    public override async Task ServerStream(EchoRequest request, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        await server.ReceiveAsync(context);
        for (var i = 0; i < request.Replies; i++)
        {
            await responseStream.WriteAsync(Reply(request, context), context.CancellationToken);
            await server.RepliedAsync(context);
        }
    }

    public override async Task<EchoReply> ClientStream(IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        await server.ReceiveAsync(context);
        List<string> texts = [];
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            texts.Add(request.Text);
        }

        await (server.AfterRead?.Invoke(context) ?? Task.CompletedTask);
        return Reply(new EchoRequest { Text = string.Join(',', texts) }, context);
    }

    public override async Task Duplex(IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        await server.ReceiveAsync(context);
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(Reply(request, context), context.CancellationToken);
            await server.RepliedAsync(context);
        }
    }

    private EchoReply Reply(EchoRequest request, ServerCallContext context) => new()
    {
        Server = server.Name,
        Text = request.Text,
        Metadata = { context.RequestHeaders.Where(static entry => !entry.IsBinary).Select(static entry => $"{entry.Key}={entry.Value}") },
        Peer = context.GetHttpContext().Features.Get<IMeshPeerFeature>()?.Peer?.Id.ToString() ?? "",
    };
}
