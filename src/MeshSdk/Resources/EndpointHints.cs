using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>Whom the controller of the slices has an endpoint in mind for.</summary>
internal sealed record EndpointHints
{
    private const int Slots = 1 << 12;

    // As with texts: a cache of a fixed size, where newer ones push out older ones.
    private static readonly EndpointHints?[] Cache = new EndpointHints?[Slots];

    public ImmutableArray<HintTarget>? ForZones { get; init; }

    public ImmutableArray<HintTarget>? ForNodes { get; init; }

    /// <summary>The same hints, and of equal ones the same object where it is still remembered: the endpoints of a zone, or of a node, have them in common.</summary>
    public static EndpointHints? Shared(EndpointHints? hints)
    {
        if (hints is null || hints.ForZones.OrEmpty().Length > 1 || hints.ForNodes.OrEmpty().Length > 1)
        {
            return hints;
        }

        ref var slot = ref Cache[HashCode.Combine(Only(hints.ForZones), Only(hints.ForNodes)) & (Slots - 1)];
        if (slot is { } known && Only(known.ForZones) == Only(hints.ForZones) && Only(known.ForNodes) == Only(hints.ForNodes))
        {
            return known;
        }

        slot = hints;
        return hints;
    }

    private static string? Only(ImmutableArray<HintTarget>? targets) => targets.OrEmpty() is [{ } target] ? target.Name : null;
}

/// <summary>A zone or a node.</summary>
internal sealed record HintTarget
{
    public string? Name { get; init => field = SharedText.Of(value); }
}
