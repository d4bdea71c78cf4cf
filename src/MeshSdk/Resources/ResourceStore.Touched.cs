using MeshSdk.Model;

namespace MeshSdk.Resources;

// Which services a change touches, beyond the one that it names.
internal sealed partial class ResourceStore
{
    /// <summary>Routes judge their backends by the services behind them, so the services that those routes belong to are touched too.</summary>
    private void ServiceChanged(ServiceId id, HashSet<ServiceId> dirty)
    {
        dirty.Add(id);
        dirty.UnionWith(ParentsOfRoutesTo(id));
    }

    private void PodChanged(Pod pod, HashSet<ServiceId> dirty)
    {
        _pods ??= new ResourceStorePods(_entries.Values.SelectMany(static entry => entry.Slices));
        foreach (var service in _pods.ServicesOn(pod))
        {
            Touch(service, dirty);
        }
    }

    /// <summary>It says how its services are called, unless they say that themselves; routes lead to them in the same way.</summary>
    private void NamespaceChanged(Namespace space, HashSet<ServiceId> dirty)
    {
        if (space.Label(WaypointLabels.Use) is null)
        {
            return;
        }

        foreach (var id in Services.Where(id => id.Namespace == space.Metadata.Name).ToArray())
        {
            ServiceChanged(id, dirty);
        }
    }

    /// <summary>
    /// All at once, by a look at every slice: the labels of nodes hardly ever change, and then those of many at once, which is no reason to keep an index of
    /// tens of thousands of endpoints.
    /// </summary>
    private void NodesChanged(HashSet<ServiceId> dirty)
    {
        if (_changedNodes.Count == 0)
        {
            return;
        }

        foreach (var (id, entry) in _entries)
        {
            if (entry.Slices.Any(slice => slice.Endpoints.OrEmpty().Any(endpoint => NodeOf(slice, endpoint) is { } node && _changedNodes.Contains(node))))
            {
                Touch(id, dirty);
            }
        }

        _changedNodes.Clear();
    }

    private string? NodeOf(EndpointSlice slice, SliceEndpoint? endpoint) => endpoint?.NodeName
        ?? (ResourceStorePods.PodOf(endpoint) is { } pod ? FindPod(slice.Metadata.Namespace, pod)?.Spec.NodeName : null);

    private void Touch(ServiceId id, HashSet<ServiceId> dirty)
    {
        EntryOf(id).PodsVersion = ++_podChanges;
        dirty.Add(id);
    }

    /// <summary>Nothing about routes or their backends: how endpoints are spoken to is no matter of theirs.</summary>
    private void PeersChanged(PeerAuthentication policy, HashSet<ServiceId> dirty)
    {
        UnattachedVersion++;
        var ns = policy.Metadata.Namespace;
        var isForAll = ns == RootNamespace && !policy.HasSelector;
        foreach (var id in Services.Where(id => isForAll || (id.Namespace == ns && (!policy.HasSelector || IsOnPods(id, policy)))).ToList())
        {
            Touch(id, dirty);
        }
    }

    /// <summary>
    /// Whether the policy selects a pod behind the service, or may: what is not known of a pod may be anything, and who answers at the address of a service
    /// whose endpoints are outdated is not known at all.
    /// </summary>
    private bool IsOnPods(ServiceId id, PeerAuthentication policy) => SlicesOf(id).Any(slice =>
        slice.IsOutdated || slice.Endpoints.OrEmpty().Any(endpoint => FindCertain(slice, endpoint) is not { } pod || policy.Selects(pod.Metadata.Labels)));

    /// <summary>
    /// The pod behind an endpoint, where nothing speaks against it. Stricter than the check by which it is decided whom an endpoint has to prove to be, as in
    /// texts of addresses: who is not found here costs a look at a service that has not changed.
    /// </summary>
    private Pod? FindCertain(EndpointSlice slice, SliceEndpoint? endpoint) =>
        ResourceStorePods.PodOf(endpoint) is { } name
        && (endpoint!.TargetRef!.Namespace is not { Length: > 0 } stated || stated == slice.Metadata.Namespace)
        && FindPod(slice.Metadata.Namespace, name) is { } pod
        && endpoint.Addresses.OrEmpty() is [var address, ..]
        && pod.Status.PodIPs.OrEmpty().Any(own => own?.Ip == address) ? pod : null;

    private void CertificatesChanged(ResourceKey key, HashSet<ServiceId> dirty)
    {
        foreach (var id in Certificates.PoliciesWith(key).SelectMany(static policy => policy.ServiceTargets()).Where(id => FindService(id) is not null))
        {
            Touch(id, dirty);
        }

        foreach (var rule in Certificates.RulesWith(key))
        {
            foreach (var id in CoveredBy(Rules.FullyQualified(rule)).ToList())
            {
                Touch(id, dirty);
            }
        }
    }

    private IEnumerable<ServiceId> CoveredBy(string host) =>
        ResourceStoreRules.IsWildcard(host) ? Services.Where(id => ResourceStoreRules.Covers(host, HostOf(id)))
        : ServiceOf(host) is { } id && FindService(id) is not null ? [id]
        : [];

    private void ParentChanged(ServiceId parent, HashSet<ServiceId> dirty)
    {
        dirty.Add(parent);
        if (!IsParent(EntryOf(parent).Service))
        {
            UnattachedVersion++;
        }
    }

    private void GrantChanged(ReferenceGrant grant, HashSet<ServiceId> dirty)
    {
        foreach (var route in Grants.ConcernedBy(grant))
        {
            dirty.UnionWith(route.ServiceParents());
        }
    }

    /// <summary>What a policy says of sessions counts for the routes that lead to the service.</summary>
    private void PolicyChanged(PolicyResource policy, HashSet<ServiceId> dirty)
    {
        UnattachedVersion++;
        foreach (var id in policy.ServiceTargets())
        {
            ServiceChanged(id, dirty);
        }
    }

    private void RuleChanged(DestinationRule rule, HashSet<ServiceId> dirty)
    {
        UnattachedVersion++;
        var host = Rules.FullyQualified(rule);
        if (ResourceStoreRules.IsWildcard(host))
        {
            foreach (var id in Services.Where(id => ResourceStoreRules.Covers(host, HostOf(id))))
            {
                RuleChanged(id, dirty);
            }
        }
        else if (ServiceOf(host) is { } id)
        {
            RuleChanged(id, dirty);
        }
    }

    /// <summary>
    /// Routes judge their backends by what is known of the policies for them, and a rule may settle what nobody could read, or leave it open again. Where
    /// everything is known no route depends on a rule for its backend, and a change to a rule for the whole mesh touches no more than the services.
    /// </summary>
    private void RuleChanged(ServiceId id, HashSet<ServiceId> dirty)
    {
        dirty.Add(id);
        if (Unknown.HasPolicies)
        {
            dirty.UnionWith(ParentsOfRoutesTo(id));
        }
    }
}
