using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>
/// Everything that the data plane knows about the mesh at one moment. Immutable; the next one shares all services that did not change.
/// </summary>
internal sealed record MeshSnapshot(
    long Revision,
    ImmutableDictionary<ServiceId, ServiceModel> Services,
    ImmutableArray<MeshDiagnostic> Diagnostics)
{
    /// <summary>Services that are mere aliases, for DNS to resolve: calls to them pass through.</summary>
    public ImmutableHashSet<ServiceId> ExternalServices { get; init; } = [];

    /// <summary>What became of the routes that name a service as their parent, by that name; whether there is such a service or not.</summary>
    public ImmutableDictionary<ServiceId, ImmutableArray<MeshRouteStatus>> Routes { get; init; } =
        ImmutableDictionary<ServiceId, ImmutableArray<MeshRouteStatus>>.Empty;

    /// <summary>What holds for all of it.</summary>
    public MeshSettings Mesh { get; init; } = MeshSettings.Default;

    /// <summary>What is asked of those who call this process, where it is a server of the mesh too.</summary>
    public InboundModel Inbound { get; init; } = InboundModel.None;

    public static MeshSnapshot Empty { get; } = new(0, ImmutableDictionary<ServiceId, ServiceModel>.Empty, []);

    /// <summary>
    /// Every problem, each once: those that belong to no service and those of the services (a route with several parents tells each of them).
    /// </summary>
    public IEnumerable<MeshDiagnostic> AllDiagnostics() =>
        Diagnostics.Concat(Services.Values.SelectMany(static service => service.Diagnostics)).Distinct();
}
