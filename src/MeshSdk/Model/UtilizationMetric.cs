namespace MeshSdk.Model;

/// <summary>One number of a load report, by the name that policies have for it: a field, or a field that is a map and the key in it.</summary>
/// <param name="Field">Where it stands.</param>
/// <param name="Key">In a map; empty for a field that is a number itself.</param>
internal sealed record UtilizationMetric(UtilizationField Field, string Key)
{
    /// <summary>The names that there are, for people.</summary>
    public const string Known = "application_utilization, cpu_utilization, mem_utilization, utilization.KEY and named_metrics.KEY";

    private const string UtilizationPrefix = "utilization.";
    private const string NamedPrefix = "named_metrics.";

    /// <summary>Null for a name that no number has. The first period ends the name of a map; others belong to the key.</summary>
    public static UtilizationMetric? Parse(string name) => name switch
    {
        "application_utilization" => new(UtilizationField.Application, ""),
        "cpu_utilization" => new(UtilizationField.Cpu, ""),
        "mem_utilization" => new(UtilizationField.Memory, ""),
        _ when KeyOf(name, UtilizationPrefix) is { } key => new(UtilizationField.Utilization, key),
        _ when KeyOf(name, NamedPrefix) is { } key => new(UtilizationField.Named, key),
        _ => null,
    };

    /// <summary>As it was written.</summary>
    public override string ToString() => Field switch
    {
        UtilizationField.Application => "application_utilization",
        UtilizationField.Cpu => "cpu_utilization",
        UtilizationField.Memory => "mem_utilization",
        UtilizationField.Utilization => UtilizationPrefix + Key,
        _ => NamedPrefix + Key,
    };

    private static string? KeyOf(string name, string prefix) =>
        name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;
}

/// <summary>The fields of a load report that can stand for a utilization.</summary>
internal enum UtilizationField
{
    Cpu,
    Memory,
    Application,

    /// <summary>A map of utilizations.</summary>
    Utilization,

    /// <summary>A map of numbers of whatever meaning.</summary>
    Named,
}
