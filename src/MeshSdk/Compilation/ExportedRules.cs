using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Destination rules of one namespace and host that count as one, because they are exported to the same callers.</summary>
internal sealed class ExportedRules
{
    private const string Everybody = "*";

    private readonly HashSet<string> _exportTo;

    private ExportedRules(DestinationRule rule)
    {
        Rules = [rule];
        _exportTo = ExportTo(rule);
    }

    /// <summary>The oldest first.</summary>
    public List<DestinationRule> Rules { get; }

    public WorkloadSelector? Selector => Rules[0].Spec.WorkloadSelector;

    public string Namespace => Rules[0].Metadata.Namespace;

    public bool IsExportedTo(string @namespace) =>
        _exportTo.Count == 0 || _exportTo.Contains(Everybody) || _exportTo.Contains(@namespace);

    /// <summary>A rule that its own namespace alone may see. One with a selector is never exported.</summary>
    /// <param name="rule">In question.</param>
    /// <param name="hidesRules">Whether one that does not say for whom it is is such a rule.</param>
    public static bool IsPrivate(DestinationRule rule, bool hidesRules) =>
        ExportTo(rule) is var exportTo && (exportTo.Count == 0 ? hidesRules : exportTo.Count == 1 && exportTo.Contains(rule.Metadata.Namespace));

    /// <summary>A rule that is exported to other namespaces alone does not apply in its own.</summary>
    public static bool IsVisibleAtHome(DestinationRule rule) =>
        ExportTo(rule) is var exportTo && (exportTo.Count == 0 || exportTo.Contains(Everybody) || exportTo.Contains(rule.Metadata.Namespace));

    /// <summary>Whether callers of another namespace may see a rule.</summary>
    public static bool IsExported(DestinationRule rule, string @namespace, bool hidesRules) =>
        !IsPrivate(rule, hidesRules) && ExportTo(rule) is var exportTo
        && (exportTo.Count == 0 || exportTo.Contains(Everybody) || exportTo.Contains(@namespace));

    /// <summary>
    /// Folds rules, oldest first, into those before them that have the same selector and are exported to the same namespaces or to fewer.
    /// </summary>
    public static List<ExportedRules> Merge(IReadOnlyList<DestinationRule> rules)
    {
        var entries = new List<ExportedRules>(1);
        foreach (var rule in rules)
        {
            if (entries.Find(entry => entry.Takes(rule)) is { } entry)
            {
                entry.Rules.Add(rule);
            }
            else
            {
                entries.Add(new ExportedRules(rule));
            }
        }

        return entries;
    }

    private bool Takes(DestinationRule rule)
    {
        var exportTo = ExportTo(rule);
        return SameSelector(Selector, rule.Spec.WorkloadSelector)
            && (exportTo.SetEquals(_exportTo) || (_exportTo.Count > 0 && exportTo.IsSupersetOf(_exportTo)));
    }

    private static HashSet<string> ExportTo(DestinationRule rule)
    {
        var own = rule.Metadata.Namespace;
        var result = new HashSet<string>(StringComparer.Ordinal);
        if (rule.Spec.WorkloadSelector is not null)
        {
            result.Add(own);
            return result;
        }

        foreach (var entry in rule.Spec.ExportTo.OrEmpty())
        {
            result.Add(entry == "." ? own : entry);
        }

        return result;
    }

    private static bool SameSelector(WorkloadSelector? left, WorkloadSelector? right)
    {
        if (left is null || right is null)
        {
            return left is null && right is null;
        }

        var (leftLabels, rightLabels) = (left.MatchLabels ?? [], right.MatchLabels ?? []);
        return leftLabels.Count == rightLabels.Count
            && leftLabels.All(label => rightLabels.TryGetValue(label.Key, out var value) && value == label.Value);
    }
}
