using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Transport;

/// <summary>
/// One endpoint of a cluster as it lives on between snapshots: its request count and its connections. Only its cluster makes and retires it. Where nothing
/// is limited it is itself the lease of all its requests: what they have to give back is the same.
/// </summary>
internal sealed class EndpointState : EndpointLease, IDisposable
{
    private readonly EndpointTransports _transports;
    private readonly TimeProvider _time;
    private readonly TimeSpan _drainTimeout;

    // Told on whatever thread closes the connections.
    private readonly Action<EndpointState>? _onClosed;
    private volatile EndpointModel _model;
    private volatile IOutcomeSink? _outcomes;
    private volatile bool _isEjected;
    private ITimer? _drainTimer;
    private LeaseCounter _leases;
    private bool _wasReady;
    private long _joinedAt;

    public EndpointState(ClusterId cluster, EndpointModel model, TransportSettings settings, Action<EndpointState>? onClosed = null)
    {
        _onClosed = onClosed;
        Cluster = cluster;
        _model = model;
        _time = settings.Time;
        _drainTimeout = settings.DrainTimeout;
        _transports = new EndpointTransports(cluster, new IPEndPoint(IPAddress.Parse(model.Address), model.Port), settings);
        Name = model.HostPort;
        _joinedAt = _time.GetTimestamp();
        _wasReady = model.Health == EndpointHealth.Ready;
    }

    public ClusterId Cluster { get; }

    /// <summary><c>address:port</c>.</summary>
    public string Name { get; }

    /// <summary>What the control plane says of it now; the address never changes.</summary>
    public EndpointModel Model
    {
        get => _model;
        set
        {
            if (!_wasReady && value.Health == EndpointHealth.Ready)
            {
                (_wasReady, _joinedAt) = (true, _time.GetTimestamp());
            }

            _model = value;
        }
    }

    /// <summary>
    /// When it was first ready here, as a timestamp of the cluster's clock: a pod is known for as long as it starts up, and is no less cold then.
    /// Settable for one that takes another's place.
    /// </summary>
    public long JoinedAt
    {
        get => _joinedAt;
        init => _joinedAt = value;
    }

    /// <summary>Whether it is left out for a while because it did badly. Its cluster must be told to look again when that changes.</summary>
    public bool IsEjected
    {
        get => _isEjected;
        set => _isEjected = value;
    }

    /// <summary>Who hears of its requests; null where nobody does.</summary>
    public IOutcomeSink? Outcomes
    {
        get => _outcomes;
        set => _outcomes = value;
    }

    /// <summary>Tells whoever hears of its requests how one ended that was sent.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="status">The status that came, if one did.</param>
    public void Record(AttemptOutcomeKind kind, int status = 0) => _outcomes?.Record(new AttemptOutcome(kind, status));

    public override EndpointState Endpoint => this;

    /// <summary>How long a dial may take; holds for the next one.</summary>
    public TimeSpan ConnectTimeout
    {
        get => _transports.ConnectTimeout;
        set => _transports.ConnectTimeout = value;
    }

    /// <summary>Requests that were sent here and whose end is not yet known.</summary>
    public int ActiveRequests => _leases.Count;

    public bool IsRetired => _leases.IsRetired;

    /// <summary>Takes a lease, under which the connections stay usable.</summary>
    /// <returns>False where the endpoint has left the mesh: pick another one.</returns>
    public bool TryAcquire()
    {
        if (_leases.Acquire())
        {
            return true;
        }

        Release();
        return false;
    }

    /// <summary>Gives a lease back: the request is over.</summary>
    public override void Release()
    {
        if (_leases.Release())
        {
            Dispose();
        }
    }

    /// <summary>The endpoint has left the mesh: its connections close when the last request is over, or when the drain timeout is.</summary>
    public void Retire()
    {
        if (_leases.Retire())
        {
            Dispose();
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            // Exchanged here and in Dispose, which is a full fence: of two that do so at once, at least one sees what the other has done.
            Interlocked.Exchange(
                ref _drainTimer, _time.CreateTimer(static state => ((EndpointState)state!).Dispose(), this, _drainTimeout, Timeout.InfiniteTimeSpan));
        }

        if (_transports.IsDisposed)
        {
            // The last request left before the timer was in place; its Dispose found none to stop.
            Interlocked.Exchange(ref _drainTimer, null)?.Dispose();
        }
    }

    /// <summary>The connections to this endpoint. Call under a lease.</summary>
    public override HttpMessageInvoker Connections(HttpProtocol protocol, TransportProfile profile) => _transports.Get(protocol, profile);

    /// <summary>Closes the connections at once, whoever is on them.</summary>
    public void Dispose()
    {
        _transports.Dispose();
        Interlocked.Exchange(ref _drainTimer, null)?.Dispose();
        _onClosed?.Invoke(this);
    }

    public override string ToString() => $"{Name} of {Cluster}";
}
