using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// Tells which Secrets and ConfigMaps have to be read: those that a policy names, and only as long as it is for a service that is followed. Nobody lists
/// Secrets to see what there is.
/// </summary>
internal sealed class CertificateDemand(CallerContext caller)
{
    private readonly ResourceStoreRules _byHost = new(caller.ClusterDomain);
    private readonly Dictionary<ResourceKey, DestinationRule> _rules = [];
    private readonly Dictionary<ResourceKey, BackendTlsPolicy> _policies = [];

    /// <summary>The namespace whose rules count everywhere.</summary>
    public string RootNamespace { get; set; } = caller.RootNamespace;

    /// <summary>Whether anything is named at all.</summary>
    public bool IsEmpty => _rules.Count == 0 && _policies.Count == 0;

    /// <param name="key">Of a policy.</param>
    /// <param name="policy">Null where it is gone. Those that name nothing are not kept.</param>
    public void Set(ResourceKey key, Resource? policy)
    {
        if (_rules.Remove(key, out var previous))
        {
            _byHost.Remove(previous);
        }

        _policies.Remove(key);
        if (!NamedBy(policy).Any())
        {
            return;
        }

        if (policy is DestinationRule rule)
        {
            _rules.Add(key, rule);
            _byHost.Add(rule);
        }
        else if (policy is BackendTlsPolicy other)
        {
            _policies.Add(key, other);
        }
    }

    /// <summary>What a policy names, whoever it is for.</summary>
    public IEnumerable<ResourceKey> NamedBy(Resource? policy) => policy switch
    {
        DestinationRule rule => CertificateReferences.Of(rule, caller.Namespace),
        BackendTlsPolicy other => CertificateReferences.Of(other),
        _ => [],
    };

    /// <summary>What has to be read for these services. That another rule may come first for one of them costs a watch, and nothing else.</summary>
    public HashSet<ResourceKey> For(IReadOnlyCollection<ServiceId> services)
    {
        var wanted = new HashSet<ResourceKey>();
        foreach (var policy in _policies.Values)
        {
            if (policy.ServiceTargets().Any(services.Contains))
            {
                wanted.UnionWith(NamedBy(policy));
            }
        }

        if (_rules.Count > 0)
        {
            // The three places where rules are looked for. Rule by rule it is many times many, as each of them may be for any service.
            var rules = services.SelectMany(id => _byHost.LookupAll($"{id.Name}.{id.Namespace}.svc.{caller.ClusterDomain}", caller.Namespace, id.Namespace, RootNamespace));
            foreach (var rule in rules.Distinct<DestinationRule>(ReferenceEqualityComparer.Instance))
            {
                wanted.UnionWith(NamedBy(rule));
            }
        }

        // The ConfigMap of the mesh is read as what it is, and holds no certificates.
        wanted.RemoveWhere(static key => key.Kind == MeshConfigMap.KindName && MeshConfigMap.IsMeant(key.Name));
        return wanted;
    }
}
