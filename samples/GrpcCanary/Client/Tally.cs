namespace GrpcCanary.Client;

/// <summary>Counts what came of calls. Several callers may add to it at once.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Reply, int> _replies = [];
    private int _pending;

    public int Calls => Count(_ => true);

    public int Failed => Count(reply => reply.Problem is not null);

    /// <summary>How many calls, how many of them failed, and why one did.</summary>
    public string Summary => $"{Calls} calls, {Failed} failed{(Problem() is { } problem ? $", one with {problem}" : "")}";

    /// <summary>A call is about to be made.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _pending++;
        }
    }

    public void End(Reply reply)
    {
        lock (_lock)
        {
            _pending--;
            _replies[reply] = _replies.GetValueOrDefault(reply) + 1;
        }
    }

    /// <summary>A call was given up by its own caller.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _pending--;
        }
    }

    public int Count(Func<Reply, bool> condition)
    {
        lock (_lock)
        {
            return _replies.Where(reply => condition(reply.Key)).Sum(reply => reply.Value);
        }
    }

    /// <summary>Waits for the calls that are still on their way.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        while (IsPending())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), cancellationToken);
        }
    }

    /// <summary>All of several tallies in one.</summary>
    public static Tally Of(IEnumerable<Tally> tallies)
    {
        var sum = new Tally();
        foreach (var tally in tallies)
        {
            lock (tally._lock)
            {
                foreach (var (reply, count) in tally._replies)
                {
                    sum._replies[reply] = sum._replies.GetValueOrDefault(reply) + count;
                }
            }
        }

        return sum;
    }

    private string? Problem()
    {
        lock (_lock)
        {
            return _replies.Keys.FirstOrDefault(reply => reply.Problem is not null)?.Problem;
        }
    }

    private bool IsPending()
    {
        lock (_lock)
        {
            return _pending > 0;
        }
    }
}
