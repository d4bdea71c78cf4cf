using MeshSdk.Kubernetes.Watching;

namespace MeshSdk.Kubernetes.Scopes;

// Where the caller and the endpoints run, as nodes and the caller's own pod tell it. The beginning is not complete without that, so that the first calls go to
// the near endpoints already; but no call depends on it, since what would need regions does not count as long as they are not known, and what is late or forbidden
// is not waited for.
internal sealed partial class ClusterFollower
{
    private readonly List<WatchedSet> _placeSets = [];
    private bool _followsNodes;

    private void FollowCaller()
    {
        if (_nodeDemand.Own is { } node)
        {
            OpenPlace(WatchedKinds.Nodes.Target with { FieldSelector = $"metadata.name={node}" });
        }

        var caller = _settings.Caller;
        if (_settings.Pods != MeshKubernetesPods.Never && caller is { Locality: null, Pod: { } pod })
        {
            OpenPlace(WatchedKinds.Pods.Target with { Namespace = caller.Namespace, FieldSelector = $"metadata.name={pod}" });
        }
    }

    /// <summary>
    /// Once begun they are kept: a rule that comes and goes is no reason to read all nodes again and again. After the own one, so that who may not read
    /// nodes is told so once.
    /// </summary>
    private void FollowNodes()
    {
        if (!_followsNodes && _nodeDemand.IsForAll && _placeSets.TrueForAll(static set => set.IsSettled))
        {
            _followsNodes = true;
            OpenPlace(WatchedKinds.Nodes.Target);
        }
    }

    private void OpenPlace(WatchTarget target)
    {
        var set = Sets.Open(target, service: null);
        _placeSets.Add(set);
        _deadlines.After(_settings.FirstCallTimeout, () => Sets.GiveUp(set));
    }
}
