using MeshSdk.Kubernetes.Snapshots;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// What a snapshot says, by what was followed and for which service: of two services with one selector, both follow the same pods. Made before anything
/// of the snapshot is used, so that one which makes no sense is refused as a whole.
/// </summary>
internal sealed class SavedSets
{
    private readonly Dictionary<(SetKey Key, ServiceId? Service), RestoredSet> _sets = [];

    /// <exception cref="InvalidDataException">An object is none of its set.</exception>
    public SavedSets(IEnumerable<SnapshotSet> sets)
    {
        foreach (var set in sets)
        {
            var kind = WatchedKinds.Find(set.Key.Resource, set.Key.FieldSelector)?.Target.Kind;
            if (kind is { IsSecret: true })
            {
                throw new InvalidDataException($"it holds {set.Key.Resource}, which no snapshot does");
            }

            var objects = new Dictionary<ResourceKey, Resource>();
            foreach (var resource in set.Objects)
            {
                if (resource?.Metadata is not { Name.Length: > 0 } meta || resource.Kind != kind?.Kind || meta.Namespace.Length > 0 == kind.IsOfCluster)
                {
                    throw new InvalidDataException($"one of its {set.Key.Resource} has no name or is of another kind");
                }

                objects[resource.Key] = resource;
            }

            _sets[(set.Key, set.Service)] = new RestoredSet(objects, set.AsOf);
        }
    }

    /// <returns>Null where the snapshot does not have it.</returns>
    public RestoredSet? Find(WatchTarget target, ServiceId? service) => _sets.GetValueOrDefault((SetKey.Of(target), service));
}
