using System.Globalization;

namespace MeshSdk.Http.Rpc;

/// <summary>
/// What the mesh did for a call, as one entry in the metadata that a failed call ends with: <c>name=value</c>, joined by semicolons, each value as in a URI.
/// What is not known is left out.
/// </summary>
internal static class MeshCallEntry
{
    public const string Name = "mesh-call";

    public static string Format(MeshCallInfo call)
    {
        List<string> parts = [];
        Add("route", call.Route);
        Add("rule", call.Rule?.ToString(CultureInfo.InvariantCulture));
        Add("backend", call.Backend);
        Add("endpoint", call.Endpoint);
        Add("attempts", call.Attempts.ToString(CultureInfo.InvariantCulture));
        Add("flags", call.Flags);
        Add("peer", call.Peer);
        return string.Join(';', parts);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                parts.Add($"{name}={Escape(value)}");
            }
        }
    }

    /// <returns>Null for what is no such entry.</returns>
    public static MeshCallInfo? Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(';'))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !values.TryAdd(part[..at], Uri.UnescapeDataString(part[(at + 1)..])))
            {
                return null;
            }
        }

        return Number("attempts") is not { } attempts || !values.TryGetValue("flags", out var flags) ? null : new MeshCallInfo
        {
            Route = values.GetValueOrDefault("route"),
            Rule = Number("rule"),
            Backend = values.GetValueOrDefault("backend"),
            Endpoint = values.GetValueOrDefault("endpoint"),
            Attempts = attempts,
            Flags = flags,
            Peer = values.GetValueOrDefault("peer"),
        };

        int? Number(string name) =>
            values.TryGetValue(name, out var value) && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    // Readable: names of objects and addresses hold these three, which mean nothing here.
    private static string Escape(string value) => Uri.EscapeDataString(value)
        .Replace("%20", " ", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal);
}
