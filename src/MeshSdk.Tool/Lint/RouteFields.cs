namespace MeshSdk.Tool.Lint;

/// <summary>The places in routes of both kinds that several rules look at.</summary>
internal static class RouteFields
{
    public static IEnumerable<LintField> Rules(this LintObject subject) => subject.IsRoute ? subject.Spec["rules"].Items : [];

    /// <summary>The lists of filters of a rule: its own, and those of its backends.</summary>
    public static IEnumerable<LintField> FilterLists(this LintField rule) =>
        rule["backendRefs"].Items.Select(static backend => backend["filters"]).Prepend(rule["filters"]);

    /// <summary>Every filter of every rule.</summary>
    public static IEnumerable<LintField> Filters(this LintObject subject) =>
        subject.Rules().SelectMany(FilterLists).SelectMany(static filters => filters.Items);

    /// <summary>Whether a rule has just one match, and that by prefix: else there is no prefix that a path could be rewritten from.</summary>
    public static bool HasOnePrefix(this LintField rule) => rule["matches"].Items switch
    {
        [] => true,
        [var match] => (match["path"]["type"].Text ?? "PathPrefix") == "PathPrefix",
        _ => false,
    };

    public static bool IsService(this LintField reference) =>
        (reference["kind"].Text ?? "Service") == "Service" && (reference["group"].Text ?? "") is "" or "core";

    /// <summary>Entries that say the same of <paramref name="key"/> as one before them.</summary>
    public static IEnumerable<LintField> Repeated(this IEnumerable<LintField> items, Func<LintField, string?> key, StringComparer comparer)
    {
        var seen = new HashSet<string>(comparer);
        return items.Where(item => key(item) is { } value && !seen.Add(value));
    }
}
