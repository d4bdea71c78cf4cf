using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

// What is followed because of what is followed already: the services that routes lead to, and the pods behind services.
internal sealed partial class ClusterFollower
{
    private readonly HashSet<ServiceId> _refused = [];
    private readonly HashSet<string> _podAreas = new(StringComparer.Ordinal);
    private readonly List<WatchedSet> _podSets = [];
    private bool _servicesChanged;

    /// <summary>Follows what the routes of followed services lead to.</summary>
    private void FollowRoutes()
    {
        if (!_graphChanged || !_settings.IsOnDemand)
        {
            return;
        }

        _graphChanged = false;
        _graphVersion++;
        _refused.Clear();

        // From all of them, called or not: as long as a service is in the mesh, what its routes lead to has to be there too.
        foreach (var id in Reach(_followed.Keys))
        {
            if (_followed.ContainsKey(id))
            {
                continue;
            }

            if (ServiceCount < _settings.MaxServices)
            {
                Follow(id);
            }
            else
            {
                _refused.Add(id);
            }
        }

        // All that can be reached has been followed just now.
        _graphChanged = false;
    }

    /// <summary>Takes names for services that have turned out to be some, as far as there is room.</summary>
    private void FollowNames()
    {
        if (!_servicesChanged)
        {
            return;
        }

        foreach (var followed in _followed.Values.Where(static followed => followed is { IsMereName: true, Service.IsKnown: true, IsAbsent: false }).ToArray())
        {
            if (ServiceCount < _settings.MaxServices)
            {
                followed.IsMereName = false;
                FollowEndpoints(followed);
            }
            else
            {
                _awaited.Remove(followed);
                Drop(followed);
                _hosts.Settle(followed.Id, HostAnswer.Unknown(TooMany(followed.Id), _hosts.NextExpiry()));
            }
        }
    }

    private void FollowEndpoints(FollowedService followed)
    {
        followed.Endpoints = Sets.Open(FollowedService.EndpointsTarget(followed.Id), followed.Id);
        if (followed.Deadline != 0 && _time.GetTimestamp() >= followed.Deadline)
        {
            // What came late gets as much time for its surroundings as any other.
            Await(followed);
        }
    }

    private void FollowPods()
    {
        if (_podDemandSeen == _podDemand.Version && !_servicesChanged)
        {
            return;
        }

        _podDemandSeen = _podDemand.Version;
        _servicesChanged = false;
        foreach (var followed in _followed.Values)
        {
            FollowPods(followed);
        }

        if (_settings.IsOnDemand)
        {
            return;
        }

        // Once begun they are kept: a rule that comes and goes is no reason to read a namespace again and again.
        foreach (var area in _settings.Areas.Where(area => _podDemand.NeedsAny(area) && _podAreas.Add(area ?? "")))
        {
            // Which pods are needed is known only when the rules are. The beginning is not complete without them, but no call depends on them
            // either: what is late is not waited for.
            var pods = Sets.Open(WatchedKinds.Pods.Target with { Namespace = area }, service: null);
            _podSets.Add(pods);
            _deadlines.After(_settings.FirstCallTimeout, () => Sets.GiveUp(pods));
        }

        if (_settings.Scope == MeshKubernetesScope.Cluster)
        {
            var services = _areaSets.Where(static set => set.Kind == "Service").SelectMany(static set => set.Objects.Keys);
            _namespaces.SetPopulated(services.Select(static key => key.Namespace));
        }
    }

    private void FollowPods(FollowedService followed)
    {
        var service = (Service?)followed.Service.Objects.Values.FirstOrDefault();
        var target = service is not null && _podDemand.Needs(followed.Id) ? FollowedService.PodsTarget(service) : null;
        if (target?.LabelSelector == followed.Pods?.Target.LabelSelector)
        {
            return;
        }

        if (followed.FormerPods is { } older)
        {
            followed.FormerPods = null;
            Sets.Close(older);
        }

        var former = followed.Pods;
        followed.Pods = target is null ? null : Sets.Open(target, followed.Id);
        if (former is not null && followed.Pods is { IsSettled: false })
        {
            followed.FormerPods = former;
        }
        else if (former is not null)
        {
            Sets.Close(former);
        }
    }
}
