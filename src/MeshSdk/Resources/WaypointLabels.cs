namespace MeshSdk.Resources;

/// <summary>The labels by which a Service, or all Services of a Namespace, are given a waypoint.</summary>
internal static class WaypointLabels
{
    public const string Use = "istio.io/use-waypoint";

    /// <summary>Where the waypoint is, if not in the namespace of the Service.</summary>
    public const string UseNamespace = "istio.io/use-waypoint-namespace";

    /// <summary>Says that there is to be none, also where the Namespace has one.</summary>
    public const string None = "none";

    /// <summary>Null where the object does not say; empty texts say nothing.</summary>
    public static string? Label(this Resource resource, string name) =>
        resource.Metadata.Labels?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public static bool AreAlike(Namespace left, Namespace right) =>
        left.Label(Use) == right.Label(Use) && left.Label(UseNamespace) == right.Label(UseNamespace);

    /// <summary>The labels that count, for whoever keeps many namespaces.</summary>
    public static Dictionary<string, string>? Slim(Dictionary<string, string>? labels)
    {
        Dictionary<string, string>? kept = null;
        foreach (var name in (ReadOnlySpan<string>)[Use, UseNamespace])
        {
            if (labels?.GetValueOrDefault(name) is { } value)
            {
                (kept ??= new(2, StringComparer.Ordinal))[name] = value;
            }
        }

        return kept;
    }
}
