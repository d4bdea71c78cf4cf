namespace MeshSdk.Tool.Lint.Rules;

/// <summary>For whom a destination rule is: <c>exportTo</c> and <c>workloadSelector</c>.</summary>
internal sealed class VisibilityRule : ILintRule
{
    public const string ExportTo = "ExportToInvalid";
    public const string Selector = "WorkloadSelectorInvalid";

    private const int LongestValue = 63;

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        subject.IsDestinationRule() ? Exports(subject).Concat(Labels(subject.Spec["workloadSelector"])) : [];

    private static IEnumerable<LintFinding> Exports(LintObject subject)
    {
        var exports = subject.Spec["exportTo"];
        var selects = subject.Spec["workloadSelector"].Exists;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in exports.Items)
        {
            if (entry.Text is not { } text)
            {
                continue;
            }

            var ns = text == "." ? subject.Namespace : text;
            if (text != "*" && !KubernetesSyntax.Label().IsMatch(ns))
            {
                yield return entry.Error(ExportTo, text == "~" ? "'~' is for service entries alone" : $"'{text}' is neither '.', nor '*', nor the name of a namespace");
            }
            else if (!seen.Add(ns))
            {
                yield return entry.Error(ExportTo, $"'{text}' says again what is said before it");
            }
            else if (text == "*" && exports.Items.Count > 1)
            {
                yield return entry.Error(ExportTo, "'*' must stand alone");
            }
            else if (selects && ns != subject.Namespace)
            {
                yield return entry.Error(ExportTo, "a rule with a workloadSelector is for its own namespace alone");
            }
        }
    }

    private static IEnumerable<LintFinding> Labels(LintField selector)
    {
        var labels = selector["matchLabels"];
        if (selector.Exists && !labels.Names.Any())
        {
            yield return selector.Warning(Selector, "without matchLabels it is for every workload of its namespace");
        }

        foreach (var name in labels.Names)
        {
            var value = labels[name].Text ?? "";
            if (name.Length == 0 || name.Contains('*', StringComparison.Ordinal) || value.Contains('*', StringComparison.Ordinal) || value.Length > LongestValue)
            {
                yield return labels[name].Error(Selector, "labels are compared as a whole: no '*', no empty name, and no value of more than 63 characters");
            }
        }
    }
}
