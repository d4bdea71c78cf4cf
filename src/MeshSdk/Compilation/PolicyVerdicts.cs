using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Tells of every destination rule that is written for a service whether it counts for a caller, and why not. For people; compiling asks <see cref="PolicyResolver"/>.</summary>
internal sealed class PolicyVerdicts(CallerContext caller, ResourceStoreRules rules, ResourceStoreUnknown unknown)
{
    /// <summary>Those that count first, then the others, each in order of their names.</summary>
    /// <param name="serviceNamespace">Of the service.</param>
    /// <param name="host">Its fully qualified name.</param>
    public ImmutableArray<PolicyVerdict> Of(string serviceNamespace, string host)
    {
        var selected = new PolicyResolver(caller, rules, unknown).Select(serviceNamespace, host);
        var decisive = selected.FirstOrDefault(static rule => rule.Spec.TrafficPolicy is not null) ?? (selected.IsEmpty ? null : selected[0]);
        return
        [
            .. rules.All
                .Where(rule => ResourceStoreRules.Covers(rules.FullyQualified(rule), host))
                .Select(rule => selected.Contains(rule) ? Applied(rule, decisive!) : Lost(rule, selected, serviceNamespace, host))
                .OrderBy(static verdict => verdict.Outcome > PolicyOutcome.Merged)
                .ThenBy(static verdict => verdict.Outcome > PolicyOutcome.Applied)
                .ThenBy(static verdict => verdict.Rule.ToString(), StringComparer.Ordinal),
        ];
    }

    private static PolicyVerdict Applied(DestinationRule rule, DestinationRule decisive)
    {
        if (rule == decisive)
        {
            return new(rule, PolicyOutcome.Applied, "applies");
        }

        var lost = rule.Spec.TrafficPolicy is not { } policy ? "has no traffic policy of its own"
            : policy.PortLevelSettings.OrEmpty().IsEmpty ? "its traffic policy is lost"
            : "its traffic policy and its portLevelSettings are lost";
        return new(rule, PolicyOutcome.Merged, $"counts as one with {decisive}, which is older: {lost}");
    }

    private PolicyVerdict Lost(DestinationRule rule, ImmutableArray<DestinationRule> selected, string serviceNamespace, string host)
    {
        var (ns, root) = (rule.Metadata.Namespace, caller.RootNamespace);
        if (ns != caller.Namespace && ns != serviceNamespace && ns != root)
        {
            return new(rule, PolicyOutcome.Elsewhere, $"is in namespace {ns}, which is neither the caller's, nor that of the Service, nor the mesh's own ({root})");
        }

        if (ns == caller.Namespace ? !ExportedRules.IsVisibleAtHome(rule) : !ExportedRules.IsExported(rule, caller.Namespace, caller.HidesRules))
        {
            // It may have kept others of its namespace from being looked at all the same.
            return new(rule, PolicyOutcome.NotExported, $"is not exported to namespace {caller.Namespace}");
        }

        if (rule.Spec.WorkloadSelector is { } selector && !PolicyResolver.Selects(selector, caller))
        {
            var labels = string.Join(',', (selector.MatchLabels ?? []).OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}"));
            return new(rule, PolicyOutcome.OtherWorkloads, $"is for callers with the labels {labels}");
        }

        var own = rules.FullyQualified(rule);
        var closer = rules.Lookup(ns, host).TakeWhile(list => rules.FullyQualified(list[0]) != own).SelectMany(static list => list).FirstOrDefault();
        var winner = selected.IsEmpty ? null : selected[0];
        if (winner?.Metadata.Namespace == ns)
        {
            return rules.FullyQualified(winner) == own
                ? new(rule, PolicyOutcome.Superseded, $"is for the same host as {winner}, which counts in its place")
                : new(rule, PolicyOutcome.LessSpecific, $"is for more hosts than {winner}");
        }

        return winner is not null && RankOf(winner, serviceNamespace) < RankOf(rule, serviceNamespace)
            ? new(rule, PolicyOutcome.Hidden, $"comes after {winner} of namespace {winner.Metadata.Namespace}, which decides")
            : closer is not null
                ? new(rule, PolicyOutcome.LessSpecific, $"is for more hosts than {closer}, which decides alone for its namespace")
                : new(rule, PolicyOutcome.Hidden, "comes after rules of the caller's namespace, which end the search though none of them is for this caller");
    }

    /// <summary>The order in which namespaces are asked. In the mesh's own namespace only private rules are meant for its own callers before any other.</summary>
    private int RankOf(DestinationRule rule, string serviceNamespace)
    {
        var ns = rule.Metadata.Namespace;
        return ns == caller.Namespace && (ns != caller.RootNamespace || ExportedRules.IsPrivate(rule, caller.HidesRules)) ? 0 : ns == serviceNamespace ? 1 : 2;
    }
}
