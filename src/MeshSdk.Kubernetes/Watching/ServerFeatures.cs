namespace MeshSdk.Kubernetes.Watching;

/// <summary>What was found out about a server and holds for all that is watched on it. Thread-safe.</summary>
internal sealed class ServerFeatures(TimeProvider time)
{
    // One silence may be the fault of a server under load; a server that has never heard of initial events is silent every time.
    private const int SilencesBelieved = 3;

    // Servers are upgraded, and what was silent may have been a proxy in between.
    private static readonly TimeSpan BelievedFor = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private bool _refusesInitialEvents;
    private long? _lackedSince;
    private int _silences;

    /// <summary>Whether a watch can begin with all that there is, so that no list is needed. Taken for granted until it turns out otherwise.</summary>
    public bool HasInitialEvents
    {
        get
        {
            lock (_lock)
            {
                return !_refusesInitialEvents && (_lackedSince is not { } since || time.GetElapsedTime(since) >= BelievedFor);
            }
        }
    }

    /// <summary>The server says itself that it does not know initial events.</summary>
    /// <returns>Whether this is news.</returns>
    public bool RefusesInitialEvents()
    {
        lock (_lock)
        {
            return !_refusesInitialEvents && (_refusesInitialEvents = true);
        }
    }

    /// <summary>The server did as if it were not asked for initial events.</summary>
    /// <returns>Whether this is news.</returns>
    public bool IgnoresInitialEvents()
    {
        lock (_lock)
        {
            var isNews = HasInitialEvents;
            _lackedSince = time.GetTimestamp();
            _silences = 0;
            return isNews;
        }
    }

    /// <summary>A watch that was to begin with initial events began with nothing.</summary>
    /// <returns>Whether it is news that there are none.</returns>
    public bool WasSilent()
    {
        lock (_lock)
        {
            return ++_silences >= SilencesBelieved && IgnoresInitialEvents();
        }
    }

    /// <summary>Initial events came to their end.</summary>
    public void SentInitialEvents()
    {
        lock (_lock)
        {
            (_silences, _lackedSince) = (0, null);
        }
    }
}
