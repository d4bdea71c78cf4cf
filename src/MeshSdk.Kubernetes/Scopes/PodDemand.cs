using MeshSdk.Compilation;
using MeshSdk.Compilation.Localities;
using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>Tells which services' pods have to be read, from the destination rules that the caller may see.</summary>
internal sealed class PodDemand(CallerContext caller, MeshKubernetesPods option)
{
    private readonly ResourceStoreRules _rules = new(caller.ClusterDomain);
    private readonly Dictionary<ResourceKey, DestinationRule> _known = [];

    // Where the mesh compares labels, pods are needed behind all services whose endpoints may be ejected.
    private readonly ResourceStoreRules _ejectingRules = new(caller.ClusterDomain);
    private readonly Dictionary<ResourceKey, DestinationRule> _ejecting = [];
    private readonly HashSet<ServiceId> _ejectingServices = [];
    private bool _meshCompares;
    private bool _meshEjects;

    // All rules, since it takes all of them to tell which one counts; and where policies refuse plaintext, or are for some pods alone.
    private readonly ResourceStoreRules _allRules = new(caller.ClusterDomain);
    private readonly Dictionary<ResourceKey, DestinationRule> _all = [];
    private readonly Dictionary<ResourceKey, bool> _discerning = [];
    private bool _meshIsAutomatic = true;

    /// <summary>What is to be known of endpoints.</summary>
    public PeerDemand Peers { get; set => field = Changed(value); } = PeerDemand.Default;

    /// <summary>Who else handles the caller's traffic.</summary>
    public LocalProxyKind Proxy { get; set => field = Changed(value); } = caller.Proxy?.Kind ?? LocalProxyKind.None;

    /// <summary>The namespace whose rules count everywhere.</summary>
    public string RootNamespace
    {
        get;
        set
        {
            field = value;
            Version++;
        }
    } = caller.RootNamespace;

    /// <summary>Grows with every change that may change an answer.</summary>
    public long Version { get; private set; }

    public void Set(ResourceKey key, DestinationRule? rule)
    {
        if (option != MeshKubernetesPods.Auto)
        {
            return;
        }

        // The others say nothing that pods would have to be known for.
        Set(_known, _rules, key, rule is not null && NeedsPods(rule) ? rule : null);
        Set(_ejecting, _ejectingRules, key, rule is not null && EjectsByMesh(rule.Spec.TrafficPolicy) ? rule : null);
        Set(_all, _allRules, key, rule);
    }

    /// <summary>What peers ask of those who call them.</summary>
    public void Set(ResourceKey key, PeerAuthentication? policy)
    {
        var was = _discerning.TryGetValue(key, out var known) ? known : (bool?)null;
        bool? now = policy is { HasSelector: true } ? true
            : policy?.Spec.Mtls?.Mode is "STRICT" or PeerMutualTls.Unreadable ? false
            : null;
        if (was == now)
        {
            return;
        }

        Version++;
        if (now is { } selects)
        {
            _discerning[key] = selects;
        }
        else
        {
            _discerning.Remove(key);
        }
    }

    /// <summary>What a service says itself.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="service">Null where there is none.</param>
    public void Set(ServiceId id, Service? service)
    {
        if (service is not null && OutlierAnnotation.IsOn(service) ? _ejectingServices.Add(id) : _ejectingServices.Remove(id))
        {
            Version++;
        }
    }

    /// <summary>What holds for services that say nothing else.</summary>
    /// <param name="mesh">Its policies.</param>
    /// <param name="isAutomatic">Whether endpoints that can do mutual TLS are spoken to by it where no rule says otherwise.</param>
    public void Set(MeshDefaults mesh, bool isAutomatic)
    {
        _meshIsAutomatic = isAutomatic;
        _meshCompares = mesh.Locality is { IsEnabled: true, Distribute.IsEmpty: true } && mesh.Locality.FailoverPriority.Any(static label => !TopologyLabels.IsOfNode(label.Name));
        _meshEjects = mesh.OutlierDetection.Exists;
        Version++;
    }

    public bool Needs(ServiceId id)
    {
        if (option != MeshKubernetesPods.Auto)
        {
            return option == MeshKubernetesPods.Always;
        }

        var host = $"{id.Name}.{id.Namespace}.svc.{caller.ClusterDomain}";
        return (_known.Count > 0 && Any(_rules, id, host))
            || NeedsIdentities(id, host)
            || (_meshCompares && (_meshEjects || _ejectingServices.Contains(id) || (_ejecting.Count > 0 && Any(_ejectingRules, id, host))));
    }

    /// <summary>Whether any service of a namespace may need them; null: of any namespace.</summary>
    public bool NeedsAny(string? ns) => option != MeshKubernetesPods.Auto
        ? option == MeshKubernetesPods.Always
        : AnyIn(_known.Values, ns)
            || NeedsAnyIdentity(ns)
            || (_meshCompares && (_meshEjects || _ejectingServices.Any(id => ns is null || id.Namespace == ns) || AnyIn(_ejecting.Values, ns)));

    /// <summary>
    /// Whether the mode of TLS, or the identity, of each endpoint is to be found out: a rule that states another mode for all ports leaves nothing to ask. For
    /// a process without an identity the question is only who refuses plaintext, and there is none where no policy does.
    /// </summary>
    private bool NeedsIdentities(ServiceId id, string host) => IsAutomatic
        && (AsksAll || IsDiscerned(id.Namespace))
        && !new PolicyResolver(caller with { RootNamespace = RootNamespace }, _allRules, ResourceStoreUnknown.Nothing).StatesTls(id.Namespace, host);

    private bool NeedsAnyIdentity(string? ns) => IsAutomatic && (AsksAll || (ns is null ? _discerning.Count > 0 : IsDiscerned(ns)));

    /// <summary>A policy of the root namespace is for all pods of the mesh, unless it is for some: then it is for those of the root namespace.</summary>
    private bool IsDiscerned(string ns) => _discerning.Any(entry => entry.Key.Namespace == ns || (entry.Key.Namespace == RootNamespace && !entry.Value));

    private bool IsAutomatic => Peers.ReadsPolicies && _meshIsAutomatic;

    private bool AsksAll => Peers.HasIdentity || Proxy == LocalProxyKind.Ambient;

    private T Changed<T>(T value)
    {
        Version++;
        return value;
    }

    private bool AnyIn(IEnumerable<DestinationRule> rules, string? ns) => rules.Any(rule => ns is null || _rules.FullyQualified(rule) is var host
        && (ResourceStoreRules.IsWildcard(host) || host.EndsWith($".{ns}.svc.{caller.ClusterDomain}", StringComparison.Ordinal)));

    private bool Any(ResourceStoreRules rules, ServiceId id, string host) =>
        Any(rules, caller.Namespace, host) || Any(rules, id.Namespace, host) || Any(rules, RootNamespace, host);

    private static bool Any(ResourceStoreRules rules, string ns, string host) => rules.Lookup(ns, host).Any(static found => found.Count > 0);

    private void Set(Dictionary<ResourceKey, DestinationRule> known, ResourceStoreRules rules, ResourceKey key, DestinationRule? rule)
    {
        if (known.Remove(key, out var old))
        {
            rules.Remove(old);
            Version++;
        }

        if (rule is not null)
        {
            rules.Add(rule);
            known.Add(key, rule);
            Version++;
        }
    }

    /// <summary>Whether endpoints are ejected, and the order among them is left to the mesh.</summary>
    private static bool EjectsByMesh(TrafficPolicy? policy) => policy is not null
        && (policy is { OutlierDetection: not null, LoadBalancer: null or { LocalityLbSetting: null } } || policy.PortLevelSettings.OrEmpty().Any(EjectsByMesh));

    private bool NeedsPods(DestinationRule rule) =>
        rule.Spec.Subsets is { IsDefaultOrEmpty: false } || (Peers.AreVerified && IsMutual(rule.Spec.TrafficPolicy)) || ComparesLabels(rule.Spec.TrafficPolicy);

    private static bool IsMutual(TrafficPolicy? policy) => policy is not null
        && (policy.Tls?.Mode is "MUTUAL" or "ISTIO_MUTUAL" || policy.PortLevelSettings.OrEmpty().Any(IsMutual));

    private static bool ComparesLabels(TrafficPolicy? policy) => policy is not null
        && (LocalitySettingsReader.PriorityLabelsOf(policy.LoadBalancer?.LocalityLbSetting).Any(static label => !TopologyLabels.IsOfNode(label))
            || policy.PortLevelSettings.OrEmpty().Any(ComparesLabels));
}
