namespace CanaryDemo;

/// <summary>Counts the calls that were sent in one stretch of time. Several callers may add to it at once.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Reply, int> _replies = [];
    private int _pending;

    /// <summary>A call is about to be sent.</summary>
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

    /// <summary>How often each reply has come so far.</summary>
    public IReadOnlyDictionary<Reply, int> Read()
    {
        lock (_lock)
        {
            return new Dictionary<Reply, int>(_replies);
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
