using System.Collections.Immutable;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Problems that belong to no service: references that lead nowhere, and versions that the store did not take.</summary>
internal static class UnattachedDiagnostics
{
    public static ImmutableArray<MeshDiagnostic> Find(ResourceStore store, bool loadsOnDemand)
    {
        var diagnostics = new DiagnosticList();
        foreach (var refused in store.Refused)
        {
            RouteFault.Report(refused, diagnostics);
        }

        foreach (var slice in store.Ownerless)
        {
            diagnostics.Warning(
                slice, DiagnosticCode.Ignored, "metadata.labels",
                $"without the label {EndpointSlice.ServiceNameLabel} the slice belongs to no Service, and its endpoints are not used");
        }

        foreach (var id in store.MissingParents.OrderBy(static id => id.ToString(), StringComparer.Ordinal))
        {
            if (store.FindService(id) is null && MayExist(store, id, loadsOnDemand))
            {
                continue;
            }

            foreach (var route in store.RoutesOf(id).OrderBy(static route => route.ToString(), StringComparer.Ordinal))
            {
                ReportParents(store, route, id, diagnostics);
            }
        }

        foreach (var policy in store.Peers.All)
        {
            PeerPolicyCheck.Report(policy, store.RootNamespace, diagnostics);
        }

        foreach (var rule in store.Rules.All.OrderBy(static rule => rule.ToString(), StringComparer.Ordinal))
        {
            ReportHost(store, rule, loadsOnDemand, diagnostics);
        }

        foreach (var policy in store.TlsPolicies.All.Concat<PolicyResource>(store.TrafficPolicies.All))
        {
            ReportTargets(store, policy, loadsOnDemand, diagnostics);
        }

        return diagnostics.ToImmutable();
    }

    private static void ReportTargets(ResourceStore store, PolicyResource policy, bool loadsOnDemand, DiagnosticList diagnostics)
    {
        for (var i = 0; i < policy.Targets.Length; i++)
        {
            var target = policy.Targets[i];
            var path = $"spec.targetRefs[{i}]";
            if (policy.ServiceTarget(target) is not { } id)
            {
                diagnostics.Warning(
                    policy, DiagnosticCode.InvalidKind, path, $"the policy applies to Services, not to {target?.Kind} {target?.Name}; this reference is passed over");
            }
            else if (store.FindService(id) is null && !MayExist(store, id, loadsOnDemand))
            {
                diagnostics.Warning(policy, DiagnosticCode.TargetNotFound, path, $"there is no Service {id}; the policy takes effect when it appears");
            }
        }
    }

    private static bool MayExist(ResourceStore store, ServiceId id, bool loadsOnDemand) =>
        loadsOnDemand || store.Unknown.Find("Service", id.Namespace, id.Name) is not null;

    /// <summary>Says that a parent is missing, once for each reference to it.</summary>
    public static void ReportParents(ResourceStore store, RouteResource route, ServiceId missing, DiagnosticList diagnostics)
    {
        var message = store.FindService(missing) is null
            ? $"there is no Service {missing}; the route takes effect when it appears"
            : $"Service {missing} is an ExternalName, which a route cannot attach to";
        var parents = route.Parents;
        for (var i = 0; i < parents.Length; i++)
        {
            if (route.ServiceParent(parents[i]) == missing)
            {
                diagnostics.Warning(route, DiagnosticCode.NoMatchingParent, $"spec.parentRefs[{i}]", message);
            }
        }
    }

    private static void ReportHost(ResourceStore store, DestinationRule rule, bool loadsOnDemand, DiagnosticList diagnostics)
    {
        var written = rule.Spec.Host ?? "";
        var host = store.Rules.FullyQualified(rule);
        if (written.Length == 0)
        {
            diagnostics.Error(rule, DiagnosticCode.UnsupportedValue, "spec.host", "a rule needs a host");
        }
        else if (written.Contains('.') && !ResourceStoreRules.IsWildcard(host)
            && (store.ServiceOf(host) is not { } id || (store.FindService(id) is null && !MayExist(store, id, loadsOnDemand))))
        {
            diagnostics.Warning(
                rule, DiagnosticCode.UnknownHost, "spec.host",
                $"'{written}' is no Service; a name with a dot is taken literally, so write it as name.namespace.svc.{store.ClusterDomain}");
        }
    }
}
