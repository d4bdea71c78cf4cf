using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// Which destination rules apply to a service, as istiod decides it: the caller's namespace, then the service's, then the mesh's root
/// namespace; the first hit wins, and nothing is combined across namespaces.
/// </summary>
internal sealed class PolicyResolver(CallerContext caller, ResourceStoreRules rules, ResourceStoreUnknown unknown)
{
    public const string Kind = "DestinationRule";

    /// <summary>Rules that are merged into one, the oldest first; empty where none applies.</summary>
    public ImmutableArray<DestinationRule> Select(string serviceNamespace, string host) =>
        Own(host) ?? Exported(serviceNamespace, host) ?? Exported(caller.RootNamespace, host) ?? [];

    /// <summary>
    /// Why it cannot be told which rules apply; null where it can. A namespace that nothing is known of leaves that open only where the search gets as far
    /// as that: a hit before it decides alone, whatever may be there.
    /// </summary>
    public UnknownScope? FindUnknown(string serviceNamespace, string host) =>
        unknown.Find(Kind, caller.Namespace) is { } own ? own
        : Own(host) is not null ? null
        : unknown.Find(Kind, serviceNamespace) is { } service ? service
        : Exported(serviceNamespace, host) is not null ? null
        : unknown.Find(Kind, caller.RootNamespace);

    /// <summary>Whether a rule says of every port of a service how TLS is done with it, so that nothing else is asked.</summary>
    public bool StatesTls(string serviceNamespace, string host) =>
        Select(serviceNamespace, host).FirstOrDefault(static rule => rule.Spec.TrafficPolicy is not null)?.Spec.TrafficPolicy is { Tls: not null } policy
        && policy.PortLevelSettings.OrEmpty().All(static entry => entry?.Tls is not null);

    // In the root namespace itself only private rules are meant for its own callers before any other: its public ones are the defaults of the whole
    // mesh, and must not hide what the owner of a service says.
    private ImmutableArray<DestinationRule>? Own(string host) => caller.Namespace == caller.RootNamespace
        ? Search(caller.Namespace, host, ExportedRules.IsPrivate, onlyExported: false)
        : Search(caller.Namespace, host, ExportedRules.IsVisibleAtHome, onlyExported: false);

    private ImmutableArray<DestinationRule>? Exported(string @namespace, string host) =>
        Search(@namespace, host, static rule => !ExportedRules.IsPrivate(rule), onlyExported: true);

    /// <summary>Null: go on in the next namespace. Empty: the search is over, and nothing applies.</summary>
    private ImmutableArray<DestinationRule>? Search(string @namespace, string host, Func<DestinationRule, bool> isMember, bool onlyExported)
    {
        foreach (var sameHost in rules.Lookup(@namespace, host))
        {
            // The most specific host decides alone. Rules that are not in the running do not hide a less specific one; rules that are,
            // but are not exported to this caller, do.
            var members = sameHost.Where(isMember).ToList();
            if (members.Count == 0)
            {
                continue;
            }

            var entries = ExportedRules.Merge(members);
            if (onlyExported)
            {
                entries.RemoveAll(entry => !entry.IsExportedTo(caller.Namespace));
            }

            return entries.Count == 0 ? null : Pick(entries);
        }

        return null;
    }

    /// <summary>The first whose selector fits the caller, else the last without one: of duplicates that could not be merged the newest.</summary>
    private ImmutableArray<DestinationRule> Pick(List<ExportedRules> entries)
    {
        var selected = entries.Find(entry => entry.Selector is { } selector && entry.Namespace == caller.Namespace && Selects(selector))
            ?? entries.FindLast(static entry => entry.Selector is null);
        return selected is null ? [] : [.. selected.Rules];
    }

    /// <summary>Whether a selector fits the caller's labels.</summary>
    public bool Selects(WorkloadSelector selector)
    {
        foreach (var (name, value) in selector.MatchLabels ?? [])
        {
            if (!caller.Labels.TryGetValue(name, out var actual) || actual != value)
            {
                return false;
            }
        }

        return true;
    }
}
