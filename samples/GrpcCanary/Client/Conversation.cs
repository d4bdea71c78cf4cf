using Grpc.Core;
using GrpcCanary.Protos;

namespace GrpcCanary.Client;

/// <summary>A duplex stream that goes on while other things happen: a message, its reply, a short pause, and so on.</summary>
internal sealed class Conversation : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly AsyncDuplexStreamingCall<HelloRequest, HelloReply> _call;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _talking;
    private readonly HashSet<string> _partners = [];

    public Conversation(Greeter.GreeterClient greeter, CancellationToken cancellationToken)
    {
        _call = greeter.Chat(cancellationToken: cancellationToken);
        _talking = TalkAsync(cancellationToken);
    }

    public int Sent { get; private set; }

    public int Received { get; private set; }

    /// <summary>Says goodbye, and waits for the server to do so.</summary>
    /// <returns>All whom replies came from.</returns>
    public async Task<IReadOnlyCollection<string>> EndAsync()
    {
        await _stop.CancelAsync();
        await _talking;
        return _partners;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _call.Dispose();
        await _talking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task TalkAsync(CancellationToken cancellationToken)
    {
        while (!_stop.IsCancellationRequested)
        {
            await _call.RequestStream.WriteAsync(new HelloRequest(), cancellationToken);
            Sent++;
            if (await _call.ResponseStream.MoveNext(cancellationToken))
            {
                Received++;
                _partners.Add($"{_call.ResponseStream.Current.Address} of backend-{_call.ResponseStream.Current.Version}");
            }

            await Task.Delay(Pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _call.RequestStream.CompleteAsync();
        while (await _call.ResponseStream.MoveNext(cancellationToken))
        {
            Received++;
        }
    }
}
