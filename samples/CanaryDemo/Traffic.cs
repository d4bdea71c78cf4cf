namespace CanaryDemo;

/// <summary>Callers that call all the time, and never pause for a change of configuration.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    public const int Callers = 5;
    public const int RequestsPerSecond = 500;

    private readonly Func<int, HttpClient> _clientOf;
    private readonly CancellationTokenSource _stop;
    private readonly Lock _lock = new();
    private readonly Task _calling;
    private readonly List<Tally> _tallies = [new()];

    public Traffic(HttpClient client, CancellationToken cancellationToken)
        : this(_ => client, cancellationToken)
    {
    }

    /// <param name="clientOf">What the caller of a number, from 0 on, calls with; asked before each call.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    public Traffic(Func<int, HttpClient> clientOf, CancellationToken cancellationToken)
    {
        _clientOf = clientOf;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _calling = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => CallAsync(caller, _stop.Token)));
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

    /// <summary>All calls of all tallies.</summary>
    public (int Requests, int Failed) Total()
    {
        lock (_lock)
        {
            var replies = _tallies.SelectMany(tally => tally.Read()).ToList();
            return (replies.Sum(reply => reply.Value), replies.Where(reply => !reply.Key.Succeeded).Sum(reply => reply.Value));
        }
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

    private async Task CallAsync(int caller, CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds((double)Callers / RequestsPerSecond));
        try
        {
            while (await pace.WaitForNextTickAsync(cancellationToken))
            {
                var tally = Begin();
                try
                {
                    tally.End(await Reply.OfCallAsync(_clientOf(caller), cancellationToken));
                }
                catch (OperationCanceledException)
                {
                    tally.Abandon();
                    throw;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end of the demo.
        }
    }

    // A call counts for the tally under which it is sent.
    private Tally Begin()
    {
        lock (_lock)
        {
            var tally = _tallies[^1];
            tally.Begin();
            return tally;
        }
    }
}
