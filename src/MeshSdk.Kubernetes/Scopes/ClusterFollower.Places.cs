using MeshSdk.Compilation.Coexistence;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

// Where the caller and the endpoints run, as nodes and the caller's own pod tell it, and who else handles their traffic, as that pod and the namespaces do. The beginning is not complete without that, so that the first calls go to
// the near endpoints already, and that policies for some pods of a server's namespace are known to be for it or not; but no call depends on it, since what would need regions does not count as long as they are not known, and what is late or forbidden
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
        if (_settings.Pods != MeshKubernetesPods.Never && caller is { Pod: { } pod } && (Peers.ServesInbound || caller is { Locality: null } or { Proxy: null }))
        {
            OpenPlace(WatchedKinds.Pods.Target with { Namespace = caller.Namespace, FieldSelector = $"metadata.name={pod}" });
        }
    }

    /// <summary>Which waypoints services have, unless that is of no consequence.</summary>
    private void FollowNamespaces()
    {
        if (_settings.Caller is { Proxy.Kind: LocalProxyKind.None, AllowsWaypointBypass: true })
        {
            return;
        }

        foreach (var area in _settings.Areas)
        {
            OpenPlace(area is null ? WatchedKinds.Namespaces.Target : WatchedKinds.Namespaces.Target with { OnlyName = area });
        }
    }

    /// <summary>Takes over what the own pod shows: in ambient mode that of the others says how they are spoken to.</summary>
    private void FollowProxy(ResourceKey key, Pod? pod)
    {
        if (key.Namespace == _settings.Caller.Namespace && key.Name == _settings.Caller.Pod)
        {
            _podDemand.Proxy = LocalProxyFinder.Find(_settings.Caller, pod).Kind;
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
