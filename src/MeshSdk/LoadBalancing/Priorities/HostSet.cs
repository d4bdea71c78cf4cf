using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Priorities;

/// <summary>The endpoints of one priority, sorted by what they are good for.</summary>
/// <param name="Priority">0 is the first.</param>
/// <param name="All">Those that count where shares of healthy ones are worked out.</param>
/// <param name="Usable">Those that the policy chooses from.</param>
internal readonly record struct HostSet(int Priority, EndpointState[] All, EndpointState[] Usable)
{
    /// <summary>
    /// The endpoints of each priority that has any, the highest first. Healthy is who is ready, not ejected, and does not say that it is not serving. Where nobody is anywhere, those that are
    /// shutting down but still serve stand in for them, as they do for the node's own proxy; unless there is a panic threshold, for then those that are
    /// ready are used, whatever else is known of them.
    /// </summary>
    public static HostSet[] Of(EndpointState[] endpoints, int panicThreshold)
    {
        if (Array.Exists(endpoints, IsHealthy))
        {
            return Split(endpoints, endpoint => Counts(endpoint.Model, panicThreshold), IsHealthy);
        }

        return panicThreshold > 0 && Array.Exists(endpoints, IsReady)
            ? Split(endpoints, IsReady, static _ => false)
            : Split(endpoints, IsTerminating, static _ => true);
    }

    /// <summary>
    /// Whether an endpoint counts where shares are worked out, as long as one is healthy. A control plane that knows of a threshold does not tell of those
    /// that are not ready, for panic would send them requests: they are not counted then.
    /// </summary>
    public static bool Counts(EndpointModel endpoint, int panicThreshold) =>
        panicThreshold > 0 ? endpoint.Health == EndpointHealth.Ready : endpoint.Health != EndpointHealth.Terminating;

    public static bool IsReady(EndpointState endpoint) => endpoint.Model.Health == EndpointHealth.Ready;

    private static bool IsHealthy(EndpointState endpoint) => IsReady(endpoint) && !endpoint.IsEjected && endpoint.IsServing;

    private static bool IsTerminating(EndpointState endpoint) => endpoint.Model.Health == EndpointHealth.Terminating;

    private static HostSet[] Split(EndpointState[] endpoints, Predicate<EndpointState> counts, Predicate<EndpointState> isUsable)
    {
        var all = Array.FindAll(endpoints, counts);
        if (all.Length == 0)
        {
            return [];
        }

        var first = all[0].Model.Priority;
        return Array.TrueForAll(all, e => e.Model.Priority == first)
            ? [new HostSet(first, all, Array.FindAll(all, isUsable))]
            : [.. all.GroupBy(static e => e.Model.Priority).OrderBy(static g => g.Key).Select(g => new HostSet(g.Key, [.. g], [.. g.Where(e => isUsable(e))]))];
    }
}
