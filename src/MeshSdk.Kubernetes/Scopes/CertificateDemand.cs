using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// Tells which Secrets and ConfigMaps have to be read: those that a policy names, and only as long as it is for a service that is followed. Nobody lists
/// Secrets to see what there is.
/// </summary>
internal sealed class CertificateDemand(CallerContext caller)
{
    private readonly ResourceStoreRules _hosts = new(caller.ClusterDomain);
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
        _rules.Remove(key);
        _policies.Remove(key);
        if (!NamedBy(policy).Any())
        {
            return;
        }

        if (policy is DestinationRule rule)
        {
            _rules.Add(key, rule);
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

        foreach (var rule in _rules.Values)
        {
            var host = _hosts.FullyQualified(rule);
            if (services.Any(id => Counts(rule, id) && ResourceStoreRules.Covers(host, $"{id.Name}.{id.Namespace}.svc.{caller.ClusterDomain}")))
            {
                wanted.UnionWith(NamedBy(rule));
            }
        }

        // The ConfigMap of the mesh is read as what it is, and holds no certificates.
        wanted.RemoveWhere(static key => key.Kind == MeshConfigMap.KindName && MeshConfigMap.IsMeant(key.Name));
        return wanted;
    }

    /// <summary>Rules are looked for in three places.</summary>
    private bool Counts(DestinationRule rule, ServiceId service) =>
        rule.Metadata.Namespace is var ns && (ns == caller.Namespace || ns == service.Namespace || ns == RootNamespace);
}
