using System.Collections.Immutable;

namespace MeshSdk.Compilation.Localities;

/// <summary>How calls are spread over localities: what a <c>localityLbSetting</c> states, or what something else means in its terms.</summary>
internal sealed record LocalitySettings
{
    /// <summary>What Istio's mesh configuration says where it says nothing: near endpoints first, where there is outlier detection.</summary>
    public static LocalitySettings Default { get; } = new();

    /// <summary>False: localities do not matter.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Fixed shares for localities. Comes before all that follows.</summary>
    public ImmutableArray<LocalityDistribution> Distribute { get; init; } = [];

    /// <summary>Which region stands in for another one.</summary>
    public ImmutableArray<RegionFailover> Failover { get; init; } = [];

    /// <summary>Labels that endpoints should share with the caller, the most important one first.</summary>
    public ImmutableArray<PriorityLabel> FailoverPriority { get; init; } = [];

    /// <summary>Where it is written; null where something else than a <c>localityLbSetting</c> means it.</summary>
    public LocalityBlock? Source { get; init; }

    /// <summary>Whether far endpoints stand in for near ones also where nobody ejects endpoints: by what the control plane says of their health.</summary>
    public bool ForcesFailover { get; init; }
}

/// <summary>Where calls from some localities go, in shares of a hundred.</summary>
internal sealed record LocalityDistribution(LocalityPattern From, ImmutableArray<(LocalityPattern Locality, int Weight)> To);

internal readonly record struct RegionFailover(string From, string To);

/// <summary>A label by which endpoints are preferred.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">The value that an endpoint should have; null: the caller's own.</param>
internal readonly record struct PriorityLabel(string Name, string? Value = null)
{
    /// <summary>Reads <c>name</c> or <c>name=value</c>; null where it is neither.</summary>
    public static PriorityLabel? Parse(string? text)
    {
        var parts = (text ?? "").Split('=');
        return parts switch
        {
            [{ Length: > 0 } name] => new(name),
            [{ Length: > 0 } name, var value] => new(name, value),
            _ => null,
        };
    }
}
