using Grpc.Core;
using GrpcCanary.Protos;

namespace GrpcCanary.Client;

/// <summary>Callers that call all the time, and never pause for a change of configuration.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    public const int Callers = 5;
    public const int CallsPerSecond = 500;

    private readonly Greeter.GreeterClient _greeter;
    private readonly CancellationTokenSource _stop;
    private readonly Lock _lock = new();
    private readonly List<Tally> _tallies = [new()];
    private readonly Task _calling;

    public Traffic(Greeter.GreeterClient greeter, CancellationToken cancellationToken)
    {
        _greeter = greeter;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _calling = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(_stop.Token)));
    }

    /// <summary>All calls of all tallies.</summary>
    public Tally Total
    {
        get
        {
            lock (_lock)
            {
                return Tally.Of(_tallies);
            }
        }
    }

    /// <summary>From now on, calls count for a new tally.</summary>
    public Tally StartTally()
    {
        var tally = new Tally();
        lock (_lock)
        {
            _tallies.Add(tally);
        }

        return tally;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _calling;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds((double)Callers / CallsPerSecond));
        try
        {
            while (await pace.WaitForNextTickAsync(cancellationToken))
            {
                await CallOnceAsync(Begin(), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end of the rollout.
        }
    }

    private async Task CallOnceAsync(Tally tally, CancellationToken cancellationToken)
    {
        try
        {
            using var call = _greeter.HelloAsync(new HelloRequest(), cancellationToken: cancellationToken);
            tally.End(await Reply.OfAsync(call, cancellationToken));
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException)
        {
            tally.Abandon();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    // A call counts for the tally under which it is made.
    private Tally Begin()
    {
        lock (_lock)
        {
            _tallies[^1].Begin();
            return _tallies[^1];
        }
    }
}
