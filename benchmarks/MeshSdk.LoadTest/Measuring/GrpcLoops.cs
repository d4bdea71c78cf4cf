using Grpc.Core;
using MeshSdk.LoadTest.Contenders;
using MeshSdk.LoadTest.Protos;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>Unary calls, one after the other.</summary>
internal sealed class UnaryLoop(GrpcContender contender) : Loop
{
    private readonly Ping _ping = new() { Text = "hello" };

    public override async Task StepAsync()
    {
        using var call = contender.Client.EchoAsync(_ping);
        await call.ResponseAsync;
    }
}

/// <summary>The messages of one stream that the server sends as fast as they are taken.</summary>
internal sealed class CountLoop(GrpcContender contender) : Loop
{
    private readonly AsyncServerStreamingCall<Pong> _call = contender.Client.Count(new Ping { Text = "hello" });

    public override Task BeginAsync() => StepAsync();

    public override Task StepAsync() => _call.ResponseStream.MoveNext(CancellationToken.None);

    public override ValueTask DisposeAsync()
    {
        _call.Dispose();
        return base.DisposeAsync();
    }
}

/// <summary>Messages to and fro on one stream.</summary>
internal sealed class ExchangeLoop(GrpcContender contender) : Loop
{
    private readonly AsyncDuplexStreamingCall<Ping, Pong> _call = contender.Client.Exchange();
    private readonly Ping _ping = new() { Text = "hello" };

    public override Task BeginAsync() => StepAsync();

    public override async Task StepAsync()
    {
        await _call.RequestStream.WriteAsync(_ping);
        await _call.ResponseStream.MoveNext(CancellationToken.None);
    }

    public override async ValueTask DisposeAsync()
    {
        await _call.RequestStream.CompleteAsync();
        await _call.ResponseStream.MoveNext(CancellationToken.None);
        _call.Dispose();
        await base.DisposeAsync();
    }
}
