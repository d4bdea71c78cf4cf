using MeshSdk.Testing.Access;
using MeshSdk.Testing.Api;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Testing;

/// <summary>What an <see cref="EmbeddedKubernetes"/> is to be like. The defaults are those of an ordinary cluster.</summary>
public sealed class EmbeddedKubernetesOptions
{
    /// <summary>Gets or sets the port on 127.0.0.1; 0, the default, takes any that is free.</summary>
    public int Port { get; set; }

    /// <summary>
    /// Gets or sets whether RBAC is enforced. False by default: every valid token then may do everything. A request without a valid token is refused
    /// either way.
    /// </summary>
    public bool EnforceAccess { get; set; }

    /// <summary>
    /// Gets or sets the clock of the cluster: creation times, token expiry, watch timeouts, bookmarks, delays. The system's by default.
    /// </summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>
    /// Gets or sets how many changes of each kind are remembered, at least 1 and by default 10,000. A watch that comes back with an older
    /// resourceVersion is answered 410, and a watch that lags behind by more is ended.
    /// </summary>
    public int RetainedEvents { get; set; } = 10_000;

    /// <summary>Gets or sets how often a watch that allows bookmarks is sent one; one minute by default, as in a cluster.</summary>
    public TimeSpan BookmarkInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets whether discovery is offered in its aggregated form beside the classic one. True by default.</summary>
    public bool AggregatedDiscovery { get; set; } = true;

    /// <summary>Gets or sets whether HTTP/2 is offered beside HTTP/1.1. True by default.</summary>
    public bool Http2 { get; set; } = true;

    /// <summary>
    /// Gets or sets how many requests and watches one HTTP/2 connection carries at a time; 250 by default, which real API servers allow too.
    /// </summary>
    public int MaxStreamsPerConnection { get; set; } = 250;

    /// <summary>
    /// Gets or sets whether watches may ask for what there is by <c>sendInitialEvents</c>. True by default; older clusters refuse it.
    /// </summary>
    public bool StreamingLists { get; set; } = true;

    /// <summary>
    /// Gets or sets whether the controllers run that fill EndpointSlices and empty deleted namespaces. True by default. Without them a deleted
    /// namespace goes at once, with all that is in it.
    /// </summary>
    public bool Controllers { get; set; } = true;

    /// <summary>Gets or sets where the server logs its own failures. Nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Gets or sets what is called with every request before it is served, on the request's own thread. Must be quick and must not throw.
    /// </summary>
    public Action<EmbeddedRequest>? OnRequest { get; set; }

    /// <summary>What objects are judged and changed by; tests of the server itself bring their own.</summary>
    internal IObjectSemantics? Semantics { get; set; }

    /// <summary>Who decides where access is enforced.</summary>
    internal Func<IClusterApi, IAuthorizer>? Authorizer { get; set; }

    /// <summary>Of tests, beside the server's own.</summary>
    internal IList<Func<IClusterApi, IAdmission>> ExtraAdmissions { get; } = [];

    /// <summary>Of tests, beside the server's own.</summary>
    internal IList<IController> ExtraControllers { get; } = [];

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(RetainedEvents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxStreamsPerConnection, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BookmarkInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(Port);
        ArgumentNullException.ThrowIfNull(Time);
        ArgumentNullException.ThrowIfNull(LoggerFactory);
    }
}
