namespace MeshSdk.Model;

/// <summary>
/// Where a control plane loads services only once somebody calls them: asked by the data plane for hosts that no frontend has.
/// </summary>
internal interface IServiceDiscovery
{
    /// <summary>
    /// Whether services that nobody has called may be left out of the snapshots. That something refers to a service which they do not have is no sign of a
    /// mistake then.
    /// </summary>
    bool LoadsOnDemand => false;

    /// <summary>
    /// The longest that a call waits for this control plane: beyond it the call is answered as one to a host of which nothing can be told. A safety net
    /// well above every wait that the control plane bounds itself.
    /// </summary>
    TimeSpan LongestWait => TimeSpan.FromSeconds(15);

    /// <summary>
    /// What is known of a host, and where that is nothing yet, begins to find out. Called for every request to a host without a frontend,
    /// from many threads: an answer that is known already costs no wait, no lock and no allocation.
    /// </summary>
    /// <param name="host">As <see cref="Uri.IdnHost"/> has it, without a trailing dot.</param>
    HostDemand Demand(string host);

    /// <summary>Names services that have been called since the last time this was said. What nobody calls any more may be let go of.</summary>
    void Used(IReadOnlyCollection<ServiceId> services);
}

/// <summary>What is known of a host that has no frontend.</summary>
internal enum HostKnowledge
{
    /// <summary>No name of the cluster's, or one of a part that this control plane does not serve.</summary>
    Foreign,

    /// <summary>A name of the cluster's that no service has.</summary>
    Absent,

    /// <summary>Being looked for: when <see cref="HostDemand.Known"/> completes, look again, first for the frontend, then here.</summary>
    Pending,

    /// <summary>It may exist, but it cannot be told what applies to it: <see cref="HostDemand.Reason"/> says why. Not a permission to go around the mesh.</summary>
    Unknown,
}

/// <summary>The answer to <see cref="IServiceDiscovery.Demand"/>.</summary>
internal readonly record struct HostDemand(HostKnowledge Knowledge)
{
    /// <summary>
    /// Of a pending one: completes, always successfully and after a bounded time, when whatever the host means is in force or known not to be.
    /// </summary>
    public Task Known { get; init; } = Task.CompletedTask;

    /// <summary>Of an unknown one, for people: object, what is missing, and what to do.</summary>
    public string Reason { get; init; } = "";
}
