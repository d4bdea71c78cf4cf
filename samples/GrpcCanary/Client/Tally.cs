namespace GrpcCanary.Client;

/// <summary>Counts what came of calls. Several callers may add to it at once.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Reply, int> _replies = [];
    private int _pending;

    public int Calls => Count(_ => true);

    public int Failed => Count(reply => reply.Problem is not null);

    /// <summary>Why a call failed; null where none did.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
            {
                return _replies.Keys.FirstOrDefault(reply => reply.Problem is not null)?.Problem;
            }
        }
    }

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

    private bool IsPending()
    {
        lock (_lock)
        {
            return _pending > 0;
        }
    }
}
