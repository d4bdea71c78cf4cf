using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>How much of a cluster is followed, and for whom.</summary>
internal sealed record ScopeSettings
{
    public ScopeSettings(MeshKubernetesOptions options, CallerContext caller)
    {
        Caller = caller;
        Scope = options.Scope;
        Namespaces = [.. options.Namespaces.Append(caller.Namespace).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Pods = options.Pods;
        Nodes = options.Nodes;
        FirstCallTimeout = options.FirstCallTimeout;
        IdleTimeout = options.IdleTimeout;
        MaxServices = options.MaxServices;
        StaleAfter = options.StaleAfter;
        FollowsGrants = options.FollowsGrants;
    }

    public CallerContext Caller { get; }

    public MeshKubernetesScope Scope { get; }

    /// <summary>Those whose services are called, in order of their names; the caller's own among them.</summary>
    public ImmutableArray<string> Namespaces { get; }

    public MeshKubernetesPods Pods { get; }

    public MeshKubernetesNodes Nodes { get; }

    public TimeSpan FirstCallTimeout { get; }

    public TimeSpan IdleTimeout { get; }

    public int MaxServices { get; }

    public TimeSpan StaleAfter { get; }

    /// <summary>Whether references into other namespaces need a grant.</summary>
    public bool FollowsGrants { get; init; }

    public bool IsOnDemand => Scope == MeshKubernetesScope.OnDemand;

    /// <summary>What whole-namespace watches are narrowed down to; a null for all namespaces.</summary>
    public ImmutableArray<string?> Areas => Scope == MeshKubernetesScope.Cluster ? [null] : [.. Namespaces];

    public bool Serves(string ns) => Scope == MeshKubernetesScope.Cluster || Namespaces.Contains(ns);
}
