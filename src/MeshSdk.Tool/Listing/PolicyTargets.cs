using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tool.Listing;

/// <summary>Which services a policy holds for, as the caller sees them.</summary>
internal sealed class PolicyTargets
{
    private readonly ILookup<ResourceKey, ServiceId> _byRule;
    private readonly MeshView _view;

    public PolicyTargets(MeshView view)
    {
        _view = view;
        var store = view.Mesh.Resources;
        var resolver = new PolicyResolver(MeshViewpoint.Of(store, view.Caller, CompilerOptions.Default).Caller, store.Rules, store.Unknown);
        _byRule = store.Services
            .SelectMany(service => resolver.Select(service.Namespace, store.HostOf(service)).Select(rule => (Rule: rule.Key, Service: service)))
            .ToLookup(static pair => pair.Rule, static pair => pair.Service);
    }

    /// <summary>Whether the host of a rule leads to where nothing was read, so that it cannot be told for whom it holds.</summary>
    public bool IsElsewhere(Resource policy)
    {
        var (read, store) = (_view.Mesh.Namespaces, _view.Mesh.Resources);
        if (policy is not DestinationRule rule || read.Count == 0)
        {
            return false;
        }

        var host = store.Rules.FullyQualified(rule);
        return ResourceStoreRules.IsWildcard(host)
            ? Of(rule).Count == 0
            : host.EndsWith($".svc.{store.ClusterDomain}", StringComparison.Ordinal) && !read.Contains(host.Split('.')[1]);
    }

    /// <summary>In order of their names.</summary>
    public IReadOnlyList<ServiceId> Of(Resource policy) =>
    [
        .. (policy switch
            {
                PolicyResource targeted => targeted.ServiceTargets().Distinct().Where(id => _view.Mesh.Resources.FindService(id) is not null),
                PeerAuthentication peers => PeerTargets.Of(peers, _view.Mesh.Resources, _view.Caller.RootNamespace),
                _ => _byRule[policy.Key],
            })
            .OrderBy(static id => id.Namespace, StringComparer.Ordinal)
            .ThenBy(static id => id.Name, StringComparer.Ordinal),
    ];
}
