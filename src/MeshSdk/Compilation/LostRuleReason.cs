using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Why a destination rule does not apply to a service.</summary>
/// <param name="caller">From whose viewpoint.</param>
/// <param name="rules">All there are.</param>
/// <param name="service">Whose policy is asked for.</param>
/// <param name="host">Its fully qualified name.</param>
/// <param name="winner">The first of the rules that do apply; null: none does.</param>
internal sealed class LostRuleReason(
    CallerContext caller, ResourceStoreRules rules, ServiceId service, string host, DestinationRule? winner)
{
    /// <summary>Whether the host of a rule covers the service.</summary>
    public bool IsMeant(DestinationRule rule) => ResourceStoreRules.Covers(rules.FullyQualified(rule), host);

    /// <summary>Whether the host of a rule is a short form that DNS would take for the service, and destination rules do not know.</summary>
    public bool MayBeMeant(DestinationRule rule) =>
        rules.FullyQualified(rule) is var stated
        && (stated == $"{service.Name}.{service.Namespace}" || stated == $"{service.Name}.{service.Namespace}.svc");

    public string Of(DestinationRule rule)
    {
        var ns = rule.Metadata.Namespace;
        if (!IsMeant(rule))
        {
            return $"a host with a dot is taken literally, and '{rule.Spec.Host}' means no Service; write {host}";
        }

        if (ns != caller.Namespace && ns != service.Namespace && ns != caller.RootNamespace)
        {
            return $"rules count in the namespaces of the caller ({caller.Namespace}), of the Service ({service.Namespace}) and of the mesh "
                + $"({caller.RootNamespace}), and in no other";
        }

        return Visibility(rule) ?? (winner is null ? Dead(rule) : Rank(rule, winner));
    }

    /// <summary>What keeps the caller from seeing the rule; null: nothing.</summary>
    private string? Visibility(DestinationRule rule)
    {
        var ns = rule.Metadata.Namespace;
        if (ns == caller.Namespace)
        {
            if (rule.Spec.WorkloadSelector is { } selector && !PolicyResolver.Selects(selector, caller))
            {
                return "its workloadSelector does not match the labels of the caller";
            }

            return ExportedRules.IsVisibleAtHome(rule) ? null : $"it is exported to other namespaces alone ({ExportTo(rule)})";
        }

        if (rule.Spec.WorkloadSelector is not null)
        {
            return $"rules with a workloadSelector are for callers of their own namespace {ns} alone";
        }

        var entry = EntryOf(rule);
        if (entry.IsExportedTo(caller.Namespace))
        {
            return null;
        }

        return ReferenceEquals(entry.Rules[0], rule)
            ? $"it is not exported to namespace {caller.Namespace} ({ExportTo(rule)})"
            : $"it counts as one with {entry.Rules[0]}, which is not exported to namespace {caller.Namespace}";
    }

    /// <summary>Why others come before it.</summary>
    private string Rank(DestinationRule rule, DestinationRule first)
    {
        if (first.Metadata.Namespace != rule.Metadata.Namespace)
        {
            return RankOf(first) < RankOf(rule)
                ? $"{first} comes first: it is of {(first.Metadata.Namespace == caller.Namespace ? "the caller's" : "the Service's")} own namespace"
                : EndOfSearch(rule);
        }

        if (caller.Namespace == caller.RootNamespace && ExportedRules.IsPrivate(first, caller.HidesRules) && !ExportedRules.IsPrivate(rule, caller.HidesRules))
        {
            return $"{first} comes first: it is for callers of its own namespace alone";
        }

        if (rules.FullyQualified(first) != rules.FullyQualified(rule))
        {
            return $"the host of {first} is more specific";
        }

        return first.Spec.WorkloadSelector is not null
            ? $"{first} comes first: its workloadSelector matches the caller"
            : $"{first} is exported to other namespaces, so that the two are not merged, and the newest of such rules counts";
    }

    private int RankOf(DestinationRule rule) => rule.Metadata.Namespace switch
    {
        var ns when ns == caller.Namespace && (ns != caller.RootNamespace || ExportedRules.IsPrivate(rule, caller.HidesRules)) => 0,
        var ns when ns == service.Namespace => 1,
        _ => 2,
    };

    /// <summary>Why the search came to nothing before it reached the rule.</summary>
    private string Dead(DestinationRule rule)
    {
        var selective = rules.All.FirstOrDefault(candidate =>
            candidate.Metadata.Namespace == caller.Namespace && IsMeant(candidate) && candidate.Spec.WorkloadSelector is { } selector && !PolicyResolver.Selects(selector, caller));
        return selective is not null
            ? $"the workloadSelector of {selective} does not match the labels of the caller, and that ends the search with no rule at all"
            : EndOfSearch(rule);
    }

    /// <summary>In its own namespace: the most specific host is looked at and no other, also where it is not exported to the caller.</summary>
    private string EndOfSearch(DestinationRule rule)
    {
        var blocker = rules.Lookup(rule.Metadata.Namespace, host)
            .Select(sameHost => sameHost.FirstOrDefault(candidate => !ExportedRules.IsPrivate(candidate, caller.HidesRules)))
            .FirstOrDefault(static candidate => candidate is not null);
        return blocker is not null && rules.FullyQualified(blocker) != rules.FullyQualified(rule)
            ? $"the host of {blocker} is more specific, and though that one is not exported to namespace {caller.Namespace} it ends the search in its namespace"
            : "another rule comes first";
    }

    private ExportedRules EntryOf(DestinationRule rule)
    {
        var sameHost = rules.Lookup(rule.Metadata.Namespace, host).First(same => same.Contains(rule, ReferenceEqualityComparer.Instance));
        return ExportedRules.Merge([.. sameHost.Where(candidate => ReferenceEquals(candidate, rule) || !ExportedRules.IsPrivate(candidate, caller.HidesRules))])
            .First(entry => entry.Rules.Contains(rule, ReferenceEqualityComparer.Instance));
    }

    private static string ExportTo(DestinationRule rule) => $"exportTo: {string.Join(", ", rule.Spec.ExportTo.OrEmpty())}";
}
