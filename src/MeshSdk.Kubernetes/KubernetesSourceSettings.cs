using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Model;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes;

/// <summary>What a <see cref="KubernetesSource"/> needs to know.</summary>
internal sealed record KubernetesSourceSettings(ScopeSettings Scopes)
{
    private static readonly TimeSpan LongestSnapshotDelay = TimeSpan.FromSeconds(1);

    /// <param name="startupTimeout">How long the first calls wait for the configuration.</param>
    /// <param name="enforcesGrants">Whether references into other namespaces need a grant.</param>
    public static KubernetesSourceSettings From(MeshKubernetesOptions options, CallerContext caller, TimeSpan startupTimeout, bool enforcesGrants = false) =>
        new(new ScopeSettings(options, caller) { FollowsGrants = options.FollowsGrants || enforcesGrants })
        {
            SnapshotDirectory = options.SnapshotDirectory,
            SnapshotMaxAge = options.SnapshotMaxAge,
            SnapshotDelay = startupTimeout / 3 < LongestSnapshotDelay ? startupTimeout / 3 : LongestSnapshotDelay,
        };

    /// <summary>What is to be known of endpoints, unless the mesh says it; whether there is an identity it knows best.</summary>
    public PeerDemand Peers { get; init; } = PeerDemand.Default;

    public string? SnapshotDirectory { get; init; }

    public TimeSpan SnapshotMaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long the API server has for its first word before a snapshot takes its place.</summary>
    public TimeSpan SnapshotDelay { get; init; } = LongestSnapshotDelay;
}
