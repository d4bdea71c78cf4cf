using MeshSdk.Compilation;
using MeshSdk.Compilation.Localities;
using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>Tells whether the nodes under endpoints have to be read, from the rules and Services that are followed.</summary>
internal sealed class NodeDemand(CallerContext caller, MeshKubernetesNodes option)
{
    private readonly HashSet<ResourceKey> _reasons = [];

    // Zones are told by slices. For what lies above and below them the caller has to have a region to compare with.
    private readonly bool _hasRegion = caller.Locality is { } locality ? locality.Region.Length > 0 : (caller.Node ?? caller.Pod) is not null;

    /// <summary>All nodes are needed.</summary>
    public bool IsForAll => option == MeshKubernetesNodes.Auto && _hasRegion && _reasons.Count > 0;

    /// <summary>The caller's own node, for its own locality; null where that is not needed, or not known.</summary>
    public string? Own => option == MeshKubernetesNodes.Auto && caller.Locality is null ? caller.Node : null;

    public void Set(ResourceKey key, Resource? resource)
    {
        var isReason = resource switch
        {
            DestinationRule rule => MattersTo(rule.Spec.TrafficPolicy),
            Service service => service.Spec.TrafficDistribution is { Length: > 0 }
                || service.Metadata.Annotations?.ContainsKey(TrafficDistribution.Annotation) == true
                || OutlierAnnotation.IsOn(service),
            MeshConfigMap map => MattersTo(MeshConfigReader.Read(map, new DiagnosticList()).Defaults),
            _ => false,
        };
        if (isReason)
        {
            _reasons.Add(key);
        }
        else
        {
            _reasons.Remove(key);
        }
    }

    /// <summary>Failover alone needs somebody who ejects, which is a reason by itself.</summary>
    private static bool MattersTo(MeshDefaults mesh) => mesh.OutlierDetection.Exists || mesh.Locality is { IsEnabled: true, Distribute.IsEmpty: false };

    private static bool MattersTo(TrafficPolicy? policy) => policy is not null
        && (policy.OutlierDetection is not null || policy.LoadBalancer?.LocalityLbSetting is not null || policy.PortLevelSettings.OrEmpty().Any(MattersTo));
}
