namespace MeshSdk.AspNetCore.Connections;

/// <summary>
/// The connections that there are now, and the one clock that looks at all of them: a connection costs two references here, and neither a timer nor a table
/// of its own.
/// </summary>
internal sealed class ConnectionList : IDisposable
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _period;
    private readonly Action _tick;
    private InboundConnection? _first;
    private int _count;
    private ITimer? _timer;
    private bool _isDisposed;

    /// <param name="time">Its clock.</param>
    /// <param name="patience">How long a connection may keep silent; told to a quarter of it, and to a second at worst.</param>
    /// <param name="tick">Looks at all of them, and lets no exception out.</param>
    public ConnectionList(TimeProvider time, TimeSpan patience, Action tick)
    {
        (_time, _tick) = (time, tick);
        var quarter = patience / 4;
        _period = quarter > LongestPeriod ? LongestPeriod : quarter < ShortestPeriod ? ShortestPeriod : quarter;
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    public void Add(InboundConnection connection)
    {
        lock (_gate)
        {
            connection.Next = _first;
            if (_first is not null)
            {
                _first.Previous = connection;
            }

            _first = connection;
            _count++;
            if (_timer is null && !_isDisposed)
            {
                // A server that nobody calls wakes nobody.
                using var flow = ExecutionContext.SuppressFlow();
                _timer = _time.CreateTimer(static list => ((ConnectionList)list!)._tick(), this, _period, _period);
            }
        }
    }

    public void Remove(InboundConnection connection)
    {
        lock (_gate)
        {
            if (connection.Previous is { } previous)
            {
                previous.Next = connection.Next;
            }
            else
            {
                _first = connection.Next;
            }

            if (connection.Next is { } next)
            {
                next.Previous = connection.Previous;
            }

            (connection.Previous, connection.Next) = (null, null);
            if (--_count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    /// <summary>Those of which something holds now. What is done with them is done without the list's lock, for it runs the code of others.</summary>
    public List<InboundConnection> Where<TState>(Func<InboundConnection, TState, bool> holds, TState state)
    {
        var found = new List<InboundConnection>();
        lock (_gate)
        {
            for (var connection = _first; connection is not null; connection = connection.Next)
            {
                if (holds(connection, state))
                {
                    found.Add(connection);
                }
            }
        }

        return found;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _timer?.Dispose();
            _timer = null;
        }
    }
}
