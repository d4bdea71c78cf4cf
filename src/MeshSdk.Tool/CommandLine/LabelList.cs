namespace MeshSdk.Tool.CommandLine;

internal static class LabelList
{
    /// <summary>Reads <c>k=v,…</c> as kubectl writes labels.</summary>
    /// <exception cref="UsageException">A part has no <c>=</c> or no name.</exception>
    public static Dictionary<string, string> Parse(string source, string text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=');
            if (equals <= 0)
            {
                throw new UsageException($"{source} '{part}': name=value is expected");
            }

            labels[part[..equals]] = part[(equals + 1)..];
        }

        return labels;
    }
}
