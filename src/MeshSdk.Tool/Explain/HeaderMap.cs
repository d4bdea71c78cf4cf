namespace MeshSdk.Tool.Explain;

internal static class HeaderMap
{
    /// <summary>Names in lower case, in the order of their first use; several values joined by commas.</summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var map = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in headers)
        {
            var key = name.ToLowerInvariant();
            map[key] = map.TryGetValue(key, out var earlier) ? $"{earlier},{value}" : value;
        }

        return map;
    }
}
