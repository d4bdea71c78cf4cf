namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Which filters may stand in one list, and what a redirect leaves nothing to do for.</summary>
internal sealed class FilterSetRule : ILintRule
{
    public const string Repeated = "FilterRepeated";
    public const string Incompatible = "IncompatibleFilters";
    public const string RedirectWithBackends = "RedirectWithBackends";

    private static readonly string[] Once = ["RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite", "CORS", "ExternalAuth"];

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var rule in subject.Rules())
        {
            foreach (var list in rule.FilterLists())
            {
                foreach (var filter in list.Items.Repeated(static one => Once.Contains(one["type"].Text) ? one["type"].Text : null, StringComparer.Ordinal))
                {
                    yield return filter["type"].Error(Repeated, $"one filter of type {filter["type"].Text} is allowed in a list; put the two into one");
                }

                if (Has(list, "RequestRedirect") && Has(list, "URLRewrite"))
                {
                    yield return list.Error(Incompatible, "a redirect and a rewrite cannot be combined: what is redirected is sent nowhere");
                }
            }

            if (Has(rule["filters"], "RequestRedirect") && rule["backendRefs"].Items.Count > 0)
            {
                yield return rule["backendRefs"].Error(RedirectWithBackends, "a rule that redirects sends nothing to backends; leave one of the two out");
            }
        }
    }

    private static bool Has(LintField list, string type) => list.Items.Any(filter => filter["type"].Text == type);
}
