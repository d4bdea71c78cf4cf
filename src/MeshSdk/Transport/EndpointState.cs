using System.Net;
using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Transport.Lanes;

namespace MeshSdk.Transport;

/// <summary>
/// One endpoint of a cluster as it lives on between snapshots: its request count and its connections. Only its cluster makes and retires it. Where nothing
/// is limited it is itself the lease of all its requests: what they have to give back is the same.
/// </summary>
internal sealed class EndpointState : EndpointLease, IDisposable
{
    private readonly TransportSettings _settings;
    private readonly EndpointConnector _connector;
    private readonly EndpointTransports _transports;
    private readonly EndpointLanes? _lanes;
    private readonly TimeProvider _time;

    // Told on whatever thread closes the connections.
    private readonly Action<EndpointState>? _onClosed;
    private volatile EndpointModel _model;
    private volatile IOutcomeSink? _outcomes;
    private volatile ILoadSink? _loads;
    private volatile bool _isEjected;
    private volatile bool _isAwaited;
    private volatile bool _isNotServing;
    private CountedLease? _counted;
    private ITimer? _drainTimer;
    private LeaseCounter _leases;
    private bool _wasReady;
    private long _joinedAt;

    public EndpointState(
        ClusterId cluster, EndpointModel model, TransportSettings settings, Action<EndpointState>? onClosed = null, ConnectionPlan? plan = null)
    {
        Plan = plan ?? ConnectionPlan.Default;
        _onClosed = onClosed;
        Cluster = cluster;
        _model = model;
        _settings = settings;
        _time = settings.Time;
        _connector = new EndpointConnector(cluster, new IPEndPoint(IPAddress.Parse(model.Address), model.Port), settings, Plan);
        _transports = new EndpointTransports(_connector);
        _lanes = Plan.Lanes is { } lanes ? new EndpointLanes(lanes, _connector) : null;
        Name = model.HostPort;
        _joinedAt = _time.GetTimestamp();
        _wasReady = model.Health == EndpointHealth.Ready;
    }

    public ClusterId Cluster { get; }

    /// <summary><c>address:port</c>.</summary>
    public string Name { get; }

    /// <summary>How its connections are made.</summary>
    public ConnectionPlan Plan { get; }

    /// <summary>Whether nobody on the way can read what is sent to it: this process encrypts it, or the network does.</summary>
    public bool IsEncrypted => Plan.Tls is not null || Model.IsTunneled;

    /// <inheritdoc cref="SecureDial.Peer"/>
    public string? Peer => _connector.Peer;

    /// <summary>Whether it can be spoken to only with an identity, and there is none now: how requests to it end says nothing of the endpoint then.</summary>
    public bool AwaitsIdentity => Plan.Tls is { NeedsIdentity: true } && _settings.Security.Identities.Current is null;

    /// <summary>Whether another state has taken its place for the same address, so that what is under way here is still under way to that.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>What the control plane says of it now; the address never changes.</summary>
    public EndpointModel Model
    {
        get => _model;
        set
        {
            if (_model.Health != EndpointHealth.Ready && value.Health == EndpointHealth.Ready)
            {
                _loads?.Rejoin();
            }

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
        set
        {
            if (_isEjected && !value)
            {
                _loads?.Rejoin();
            }

            _isEjected = value;
        }
    }

    /// <summary>Called when it answers after <see cref="Await"/>, on whatever thread takes the answer; null: nobody waits for that.</summary>
    public Action? Answering { get; init; }

    /// <summary>Somebody who could not reach it waits until others can.</summary>
    public void Await() => _isAwaited = true;

    /// <summary>It has answered. All but the first after <see cref="Await"/> only read.</summary>
    public void Answered()
    {
        if (_isAwaited)
        {
            _isAwaited = false;
            Answering?.Invoke();
        }
    }

    /// <summary>
    /// Whether it says of itself that it serves, as far as it is asked: true where it is not, and until it has answered. Its cluster must be told to look again
    /// when that changes.
    /// </summary>
    public bool IsServing
    {
        get => !_isNotServing;
        set => _isNotServing = !value;
    }

    /// <summary>Who hears of its requests; null where nobody does.</summary>
    public IOutcomeSink? Outcomes
    {
        get => _outcomes;
        set => _outcomes = value;
    }

    /// <summary>Who hears what it says of its own load; null where nobody does.</summary>
    public ILoadSink? Loads
    {
        get => _loads;
        set => _loads = value;
    }

    /// <summary>Tells whoever hears of its requests how one ended that was sent.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="status">The status that came, if one did.</param>
    public void Record(AttemptOutcomeKind kind, int status = 0) => _outcomes?.Record(new AttemptOutcome(kind, status));

    public override EndpointState Endpoint => this;

    /// <summary>How long a dial may take; holds for the next one.</summary>
    public TimeSpan ConnectTimeout
    {
        get => _connector.ConnectTimeout;
        set => _connector.ConnectTimeout = value;
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

    /// <summary>Makes of a lease that was taken one that keeps to limits.</summary>
    /// <param name="requests">Where requests to the cluster are counted; null where they are not. Always the same one.</param>
    /// <returns>Null where as many requests are under way as may be: the lease that was taken must be given back.</returns>
    public EndpointLease? Limited(RequestBreaker? requests) =>
        _lanes is { } lanes ? new LaneLease(this, lanes, requests)
        : requests is null ? this
        : requests.TryEnter() ? _counted ??= new CountedLease(this, requests)
        : null;

    /// <summary>One for the same address whose connections are made in another way, to take its place. It knows what this one has learned of the endpoint.</summary>
    public EndpointState Successor(EndpointModel model, ConnectionPlan plan)
    {
        IsReplaced = true;
        return new EndpointState(Cluster, model, _settings, _onClosed, plan)
        {
            JoinedAt = JoinedAt,
            IsEjected = IsEjected,
            IsServing = IsServing,
            Outcomes = Outcomes,
            Loads = Loads,
            Answering = Answering,
        };
    }

    /// <summary>Closes connections that are beyond what may be, and in nobody's use.</summary>
    public void Trim() => _lanes?.Trim();

    /// <summary>Why nothing may be sent to it now, for people; null where something may.</summary>
    /// <remarks>An identity that is late is waited for where connections are made; this is about one that will not come.</remarks>
    public string? Refusal() =>
        Plan.IsPlaintext ? null
        : Plan.Refusal ?? (Plan.Tls is { NeedsIdentity: true } tls && _settings.Security.Identities is { IsHopeless: true } identities
            ? Unmet(tls, identities.Unavailable().Message)
            : null);

    /// <summary>Whether <see cref="Refusal"/> may be over one day, since all that is missing is an identity, and there is somebody who could bring it.</summary>
    public bool MayBeGivenIdentity => Plan.Refusal is null && AwaitsIdentity && _settings.Security.Identities.HasSource;

    /// <summary>That what its TLS needs is missing here, which is no failure of its own; for people.</summary>
    /// <param name="why">What is missing.</param>
    public string Unmet(string why) => Plan.Tls is { } tls ? Unmet(tls, why) : $"{Cluster}: {why}";

    private string Unmet(EndpointTls tls, string why) =>
        $"{Cluster} wants {(tls.Cluster.Source.Length > 0 ? $"the TLS of {tls.Cluster.Source}" : "TLS")}: {why}";

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

        _lanes?.Retire();
        using (ExecutionContext.SuppressFlow())
        {
            // Exchanged here and in Dispose, which is a full fence: of two that do so at once, at least one sees what the other has done.
            Interlocked.Exchange(
                ref _drainTimer, _time.CreateTimer(static state => ((EndpointState)state!).Dispose(), this, _settings.DrainTimeout, Timeout.InfiniteTimeSpan));
        }

        if (_transports.IsDisposed)
        {
            // The last request left before the timer was in place; its Dispose found none to stop.
            Interlocked.Exchange(ref _drainTimer, null)?.Dispose();
        }
    }

    /// <summary>The connections to this endpoint. Call under a lease.</summary>
    public override HttpMessageInvoker Connections(HttpProtocol protocol, TransportProfile profile, bool isForeign = false) =>
        _transports.Get(protocol, profile, isForeign);

    /// <summary>Closes the connections at once, whoever is on them.</summary>
    public void Dispose()
    {
        _transports.Dispose();
        _lanes?.Dispose();
        Interlocked.Exchange(ref _drainTimer, null)?.Dispose();
        _onClosed?.Invoke(this);
    }

    public override string ToString() => $"{Name} of {Cluster}";
}
