using MeshSdk.Model;
using MeshSdk.Resilience;

namespace MeshSdk.Routing;

/// <summary>
/// A stable cell for what callers dial, one port of a service. All names of the service lead to the same cell, so that one write changes the
/// routing of them all at once, and a weight change touches nothing else.
/// </summary>
internal sealed class Frontend(ClusterId id)
{
    private volatile BoundRoutes? _routes;
    private volatile bool _isUsed;
    private string? _canonicalHost;

    public ClusterId Id { get; } = id;

    /// <summary>What its URIs become where they have to be others.</summary>
    public UriCache Uris { get; } = new();

    /// <summary>Raised when other routes are in force.</summary>
    public ChangeSignal Changed { get; } = new();

    /// <summary>Null once the port has left the mesh: a request that found the cell a moment ago looks again.</summary>
    public BoundRoutes? Routes
    {
        get => _routes;
        set
        {
            _routes = value;
            Changed.Raise();
        }
    }

    /// <summary>Whether requests are still decided on by a rule.</summary>
    public bool HasInForce(BoundRule rule) => _routes is { } routes && routes.Rules.Contains(rule);

    /// <summary>Notes that a call was made. All but the first of a period only read: a line that every core writes to would cost each call more than its decision.</summary>
    public void Use()
    {
        if (!_isUsed)
        {
            _isUsed = true;
        }
    }

    /// <summary>Whether a call was made since this was last asked. One that comes in between counts for the next time.</summary>
    public bool TakeUse()
    {
        var isUsed = _isUsed;
        if (isUsed)
        {
            _isUsed = false;
        }

        return isUsed;
    }

    /// <summary>Whether a request is under way to anything that its routes lead to.</summary>
    public bool HasActiveRequests
    {
        get
        {
            foreach (var rule in _routes?.Rules ?? [])
            {
                foreach (var backend in rule.Backends)
                {
                    if (backend.Cluster is { HasActiveRequests: true })
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }

    /// <summary>
    /// The host that connections are kept under. SocketsHttpHandler pools by the URI's authority, and an application usually knows a service under
    /// one name: the first one in use becomes the name of the pool, and only other aliases need their URI rewritten.
    /// </summary>
    public string CanonicalHost(string host) =>
        Volatile.Read(ref _canonicalHost) ?? Interlocked.CompareExchange(ref _canonicalHost, host, null) ?? host;
}
