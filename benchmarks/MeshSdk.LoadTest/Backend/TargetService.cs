using System.Collections.Concurrent;
using Grpc.Core;
using MeshSdk.LoadTest.Protos;

namespace MeshSdk.LoadTest.Backend;

/// <summary>Answers at once, with the port that was called; ports that are failing answer UNAVAILABLE.</summary>
internal sealed class TargetService(FailingPorts failing) : Target.TargetBase
{
    public override Task<Pong> Echo(Ping request, ServerCallContext context) => Task.FromResult(Reply(request, context));

    public override async Task Count(Ping request, IServerStreamWriter<Pong> responseStream, ServerCallContext context)
    {
        var reply = Reply(request, context);
        try
        {
            while (!context.CancellationToken.IsCancellationRequested)
            {
                await responseStream.WriteAsync(reply, context.CancellationToken);
            }
        }
        catch (Exception) when (context.CancellationToken.IsCancellationRequested)
        {
            // The caller has had enough.
        }
    }

    public override async Task Exchange(IAsyncStreamReader<Ping> requestStream, IServerStreamWriter<Pong> responseStream, ServerCallContext context)
    {
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                await responseStream.WriteAsync(Reply(requestStream.Current, context), context.CancellationToken);
            }
        }
        catch (Exception) when (context.CancellationToken.IsCancellationRequested)
        {
        }
    }

    private Pong Reply(Ping request, ServerCallContext context)
    {
        var port = context.GetHttpContext().Connection.LocalPort;
        return failing.Contains(port)
            ? throw new RpcException(new Status(StatusCode.Unavailable, "this port is failing"))
            : new Pong { Text = request.Text, Port = port };
    }
}

/// <summary>The ports that fail every call.</summary>
internal sealed class FailingPorts
{
    private readonly ConcurrentDictionary<int, bool> _ports = [];

    public bool Contains(int port) => _ports.ContainsKey(port);

    public void Set(int port, bool isFailing)
    {
        if (isFailing)
        {
            _ports[port] = true;
        }
        else
        {
            _ports.TryRemove(port, out _);
        }
    }
}
