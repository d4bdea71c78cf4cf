using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>One service: under which names it is dialled, what a call to each of its ports meets, and the endpoints behind each port.</summary>
internal sealed record ServiceModel
{
    public required ServiceId Id { get; init; }

    /// <summary>
    /// Every host that means this service to the caller: lower case, no trailing dot, IP addresses in their canonical form without brackets.
    /// </summary>
    public required ImmutableArray<string> Hosts { get; init; }

    public required ImmutableArray<FrontendModel> Frontends { get; init; }

    public required ImmutableArray<ClusterModel> Clusters { get; init; }

    /// <summary>Problems found while this service was compiled.</summary>
    public ImmutableArray<MeshDiagnostic> Diagnostics { get; init; } = [];
}
