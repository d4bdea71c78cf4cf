using System.Collections.Immutable;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Snapshots;

/// <summary>What was known of a cluster at one time.</summary>
/// <param name="Server">Who said it, see <see cref="IReflectorFactory.ServerIdentity"/>.</param>
/// <param name="Namespace">The caller's.</param>
/// <param name="Time">When the server last said any of it.</param>
/// <param name="Sets">All sets that were known as a whole.</param>
/// <param name="Unknown">What was not known, and why.</param>
internal sealed record SnapshotContent(
    string Server, string Namespace, DateTimeOffset Time, ImmutableArray<SnapshotSet> Sets, ImmutableArray<UnknownScope> Unknown);

/// <param name="Key">What was followed.</param>
/// <param name="Service">The service that it was followed for; null where for all.</param>
/// <param name="AsOf">When the server last had word of it.</param>
/// <param name="Objects">All objects of the set.</param>
internal sealed record SnapshotSet(SetKey Key, ServiceId? Service, DateTimeOffset AsOf, ImmutableArray<Resource> Objects);

/// <summary>Identifies what a watch follows, across processes and versions of the API.</summary>
internal readonly record struct SetKey(string Resource, string? Namespace, string? LabelSelector, string? FieldSelector)
{
    public static SetKey Of(WatchTarget target) => new(target.Resource, target.Namespace, target.LabelSelector, target.FieldSelector);
}
