using System.Globalization;

namespace MeshSdk.Tool.Explain;

/// <summary>For people: what filters make of a request and of its response. Nothing where they make nothing of it.</summary>
internal static class FilterLines
{
    /// <summary>What the rule's filters do, each with a label.</summary>
    public static IEnumerable<(string Label, string Value)> Of(Explanation explanation, MeshRequest request)
    {
        var sent = explanation.Request;
        if (Target(sent.Path, sent.Query) is var target && target != request.Url.PathAndQuery)
        {
            yield return ("Path", target);
        }

        if (Difference(HeaderMap.Of(request.Headers), sent.Headers) is { } headers)
        {
            yield return ("Headers", headers);
        }

        foreach (var line in Common(explanation.Mirrors, explanation.ResponseHeaders))
        {
            yield return line;
        }
    }

    /// <summary>What the backend's own filters do beyond that.</summary>
    public static IEnumerable<string> Of(ExplainedBackend backend, Explanation explanation)
    {
        var (sent, before) = (backend.Request, explanation.Request);
        string?[] parts =
        [
            sent.Host == before.Host ? null : $"host {sent.Host}",
            Target(sent.Path, sent.Query) is var target && target == Target(before.Path, before.Query) ? null : $"path {target}",
            Difference(before.Headers, sent.Headers) is { } headers ? $"headers {headers}" : null,
            .. Common(backend.Mirrors, Same(backend, explanation) ? ExplainedHeaderChange.None : backend.ResponseHeaders)
                .Select(static line => $"{line.Label.ToLowerInvariant()} {line.Value}"),
        ];
        return parts.OfType<string>();
    }

    private static IEnumerable<(string Label, string Value)> Common(IReadOnlyList<ExplainedMirror> mirrors, ExplainedHeaderChange response)
    {
        foreach (var mirror in mirrors)
        {
            yield return ("Mirror", string.Create(
                CultureInfo.InvariantCulture, $"{mirror.Fraction * 100:0.##} % to {mirror.Namespace}/{mirror.Service}:{mirror.Port}"));
        }

        string[] changes =
        [
            .. response.Set.Select(static header => $"{header.Key}: {header.Value}"),
            .. response.Add.Select(static header => $"{header.Key}: …,{header.Value}"),
            .. response.Remove.Select(static name => $"no {name}"),
        ];
        if (changes.Length > 0)
        {
            yield return ("Response", string.Join("; ", changes));
        }
    }

    private static string? Difference(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        string[] changes =
        [
            .. after.Where(header => !before.TryGetValue(header.Key, out var value) || value != header.Value).Select(static header => $"{header.Key}: {header.Value}"),
            .. before.Keys.Where(name => !after.ContainsKey(name)).Select(static name => $"no {name}"),
        ];
        return changes.Length == 0 ? null : string.Join("; ", changes);
    }

    private static bool Same(ExplainedBackend backend, Explanation explanation) =>
        Common([], backend.ResponseHeaders).SequenceEqual(Common([], explanation.ResponseHeaders));

    private static string Target(string path, string query) => query.Length == 0 ? path : $"{path}?{query}";
}
