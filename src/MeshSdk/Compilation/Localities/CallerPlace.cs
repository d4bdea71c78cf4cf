using MeshSdk.Model;

namespace MeshSdk.Compilation.Localities;

/// <summary>From where calls are made, as far as that is known.</summary>
/// <param name="Locality">Null: not known at all, and no preference.</param>
/// <param name="Node">The name of the node; null where it is not known.</param>
/// <param name="Labels">Those of the caller's pod.</param>
internal sealed record CallerPlace(Locality? Locality, string? Node, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>What else handles the caller's traffic.</summary>
    public LocalProxy Proxy { get; init; } = LocalProxy.None;

    public bool IsSame(CallerPlace other) => Locality == other.Locality && Node == other.Node && Proxy == other.Proxy && Labels.Count == other.Labels.Count
        && Labels.All(label => other.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <summary>What a failover priority is compared with; null where it is not known.</summary>
    public string? ValueOf(string label) => NullIfEmpty(label switch
    {
        TopologyLabels.Region => Locality?.Region,
        TopologyLabels.Zone => Locality?.Zone,
        TopologyLabels.SubZone => Locality?.SubZone,
        TopologyLabels.Host => Node,
        _ => Labels.GetValueOrDefault(label),
    });

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
