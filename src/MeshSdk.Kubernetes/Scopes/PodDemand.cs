using MeshSdk.Compilation.Localities;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>Tells which services' pods have to be read, from the destination rules that the caller may see.</summary>
internal sealed class PodDemand(CallerContext caller, MeshKubernetesPods option)
{
    private readonly ResourceStoreRules _rules = new(caller.ClusterDomain);
    private readonly Dictionary<ResourceKey, DestinationRule> _known = [];

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

        if (_known.Remove(key, out var old))
        {
            _rules.Remove(old);
            Version++;
        }

        // The others say nothing that pods would have to be known for.
        if (rule is not null && NeedsPods(rule))
        {
            _rules.Add(rule);
            _known.Add(key, rule);
            Version++;
        }
    }

    public bool Needs(ServiceId id)
    {
        if (option != MeshKubernetesPods.Auto)
        {
            return option == MeshKubernetesPods.Always;
        }

        var host = $"{id.Name}.{id.Namespace}.svc.{caller.ClusterDomain}";
        return _known.Count > 0 && (Any(caller.Namespace, host) || Any(id.Namespace, host) || Any(RootNamespace, host));
    }

    /// <summary>Whether any service of a namespace may need them; null: of any namespace.</summary>
    public bool NeedsAny(string? ns) => option != MeshKubernetesPods.Auto
        ? option == MeshKubernetesPods.Always
        : _known.Values.Any(rule => ns is null || _rules.FullyQualified(rule) is var host
            && (ResourceStoreRules.IsWildcard(host) || host.EndsWith($".{ns}.svc.{caller.ClusterDomain}", StringComparison.Ordinal)));

    private bool Any(string ns, string host) => _rules.Lookup(ns, host).Any(static rules => rules.Count > 0);

    private static bool NeedsPods(DestinationRule rule) =>
        rule.Spec.Subsets is { IsDefaultOrEmpty: false } || IsMutual(rule.Spec.TrafficPolicy) || ComparesLabels(rule.Spec.TrafficPolicy);

    private static bool IsMutual(TrafficPolicy? policy) => policy is not null
        && (policy.Tls?.Mode is "MUTUAL" or "ISTIO_MUTUAL" || policy.PortLevelSettings.OrEmpty().Any(IsMutual));

    private static bool ComparesLabels(TrafficPolicy? policy) => policy is not null
        && (LocalitySettingsReader.PriorityLabelsOf(policy.LoadBalancer?.LocalityLbSetting).Any(static label => !TopologyLabels.IsOfNode(label))
            || policy.PortLevelSettings.OrEmpty().Any(ComparesLabels));
}
