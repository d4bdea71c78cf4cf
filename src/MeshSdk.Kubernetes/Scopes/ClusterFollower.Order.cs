using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Scopes;

// In which order objects come into force: a service when all that its routes lead to is there, and a route when its backends are.
internal sealed partial class ClusterFollower
{
    private readonly List<FollowedService> _unreleased = [];
    private readonly Dictionary<ResourceKey, long> _heldRoutes = [];

    private bool IsComplete => IsSynced || _servesSnapshot
        || (_areaSets.TrueForAll(static set => set.IsKnown || set.IsForbidden || (set.IsOverdue && WatchedKinds.Of(set.Target).IsOptional))
            && _podSets.TrueForAll(static set => set.IsSettled)
            && _placeSets.TrueForAll(static set => set.IsSettled)
            && HasCertificates);

    /// <summary>Lets a service wait for its surroundings, and only so long.</summary>
    private void Await(FollowedService followed) => followed.Deadline = _deadlines.After(_settings.FirstCallTimeout, () =>
    {
        if (!followed.IsReleased && !followed.Service.IsClosed && _time.GetTimestamp() >= followed.Deadline)
        {
            GiveUp([followed.Id]);
        }
    });

    /// <summary>Nothing waits any longer for what can be reached from there.</summary>
    private void GiveUp(IEnumerable<ServiceId> from)
    {
        foreach (var id in Reach(from))
        {
            foreach (var set in _followed.GetValueOrDefault(id)?.Sets ?? [])
            {
                Sets.GiveUp(set);
            }
        }
    }

    private void Release()
    {
        if (!IsComplete)
        {
            return;
        }

        foreach (var followed in _unreleased.ToArray())
        {
            if (followed is { Service.IsKnown: true, IsAbsent: false } && HasCertificates && Reach([followed.Id]).All(IsSettled))
            {
                followed.IsReleased = true;
                _graphVersion++;
                _unreleased.Remove(followed);
                _objects.Touch(followed.ServiceKey);
            }
        }

        foreach (var route in _heldRoutes.Keys)
        {
            _objects.Touch(route);
        }

        foreach (var policy in _heldPolicies)
        {
            _objects.Touch(policy);
        }

        if (_heldConfig is { } config)
        {
            _objects.Touch(config);
        }

        bool IsSettled(ServiceId id) => !_followed.TryGetValue(id, out var followed) || followed.IsSettled;
    }

    private ResourceEvent? Deliver(IEnumerable<ResourceKey> dirty)
    {
        var upserts = ImmutableArray.CreateBuilder<Resource>();
        var deletes = ImmutableArray.CreateBuilder<ResourceKey>();
        List<FollowedService> services = [];
        foreach (var key in dirty)
        {
            if (_objects.Find(key) is not { } tracked)
            {
                continue;
            }

            if (tracked.Wanted is null)
            {
                if (tracked.Delivered is null || !IsPutOff(key, tracked))
                {
                    Retract(key, tracked, deletes);
                }
            }
            else if (!ReferenceEquals(tracked.Wanted, tracked.Delivered) && !IsHeld(key, tracked.Wanted))
            {
                tracked.Delivered = tracked.Wanted;
                upserts.Add(tracked.Wanted);
                if (WatchedKinds.LinksOf(key.Kind) is { } linksOf)
                {
                    _graphChanged |= _routesInForce.Set(key, linksOf(tracked.Wanted));
                }
                else if (key.Kind == "Service" && _followed.TryGetValue(new ServiceId(key.Namespace, key.Name), out var followed))
                {
                    services.Add(followed);
                }
            }
        }

        return upserts.Count + deletes.Count == 0 ? null : new ResourceEvent
        {
            Upserts = upserts.ToImmutable(),
            Deletes = deletes.ToImmutable(),
            InForce = services.Count > 0 ? TellWhenInForce(services) : null,
        };
    }

    private void Retract(ResourceKey key, TrackedObject tracked, ImmutableArray<ResourceKey>.Builder deletes)
    {
        _objects.Forget(key);
        _heldRoutes.Remove(key);
        _heldPolicies.Remove(key);
        if (tracked.Delivered is null)
        {
            return;
        }

        deletes.Add(key);
        _graphChanged |= _routesInForce.Set(key, null);
        if (key.Kind == "Service" && _followed.TryGetValue(new ServiceId(key.Namespace, key.Name), out var followed))
        {
            // Deleted, and followed all the same: the watch will tell when it comes back.
            followed.IsInForce = false;
            _hosts.Settle(followed.Id, HostAnswer.Loaded);
        }
    }

    /// <summary>Whether a deletion waits for what may come right behind it.</summary>
    private bool IsPutOff(ResourceKey key, TrackedObject tracked)
    {
        if (tracked.IsUnfollowed || tracked.Delivered is not EndpointSlice slice || slice.OwningService() is not { } owner
            || _objects.Find(new ResourceKey("Service", owner.Namespace, owner.Name))?.Wanted is null)
        {
            return false;
        }

        tracked.GoneAt ??= _deadlines.After(SliceDebounce, () => _objects.Touch(key));
        return _time.GetTimestamp() < tracked.GoneAt;
    }

    private bool IsHeld(ResourceKey key, Resource wanted)
    {
        if (wanted is MeshConfigMap)
        {
            return IsConfigHeld(key);
        }

        if (wanted is DestinationRule or BackendTlsPolicy)
        {
            return AwaitsCertificates(key, wanted);
        }

        if (!_settings.IsOnDemand)
        {
            return false;
        }

        if (key.Kind == "Service")
        {
            return !_followed.TryGetValue(new ServiceId(key.Namespace, key.Name), out var followed) || !followed.IsReleased;
        }

        if (WatchedKinds.LinksOf(key.Kind) is not { } linksOf || !IsComplete
            || linksOf(wanted) is var links && (!links.Parents.Any(_followed.ContainsKey) || !links.Backends.Any(IsOnItsWay)))
        {
            _heldRoutes.Remove(key);
            return false;
        }

        // The time runs from the first version that is held: one that changes all the time must not wait for ever.
        if (!_heldRoutes.ContainsKey(key))
        {
            _heldRoutes.Add(key, _deadlines.After(_settings.FirstCallTimeout, () => GiveUpRoute(key)));
        }

        return true;
    }

    private bool IsOnItsWay(ServiceId id) =>
        _followed.TryGetValue(id, out var followed)
        && !(followed.IsReleased || followed.IsAbsent || followed.Service is { IsSettled: true, IsKnown: false });

    private void GiveUpRoute(ResourceKey key)
    {
        if (_heldRoutes.TryGetValue(key, out var deadline) && _time.GetTimestamp() >= deadline && _objects.Find(key)?.Wanted is { } wanted)
        {
            GiveUp(WatchedKinds.LinksOf(key.Kind)!(wanted).Backends);
            _objects.Touch(key);
        }
    }

    private TaskCompletionSource TellWhenInForce(List<FollowedService> services)
    {
        var inForce = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        inForce.Task.ContinueWith(
            _ => _post(() => InForce(services)),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return inForce;
    }

    private void InForce(List<FollowedService> services)
    {
        foreach (var followed in services)
        {
            if (!followed.Service.IsClosed && !followed.IsAbsent)
            {
                followed.IsInForce = true;
                _awaited.Remove(followed);
                _hosts.Settle(followed.Id, LoadedAnswer(followed));
            }
        }
    }
}
