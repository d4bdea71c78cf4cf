using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>
/// A stable cell for what callers dial, one port of a service. All names of the service lead to the same cell, so that one write changes the
/// routing of them all at once, and a weight change touches nothing else.
/// </summary>
internal sealed class Frontend(ClusterId id)
{
    private volatile BoundRoutes? _routes;
    private string? _canonicalHost;

    public ClusterId Id { get; } = id;

    /// <summary>Null once the port has left the mesh: a request that found the cell a moment ago passes through.</summary>
    public BoundRoutes? Routes
    {
        get => _routes;
        set => _routes = value;
    }

    /// <summary>
    /// The host that connections are kept under. SocketsHttpHandler pools by the URI's authority, and an application usually knows a service under
    /// one name: the first one in use becomes the name of the pool, and only other aliases need their URI rewritten.
    /// </summary>
    public string CanonicalHost(string host) =>
        Volatile.Read(ref _canonicalHost) ?? Interlocked.CompareExchange(ref _canonicalHost, host, null) ?? host;
}
