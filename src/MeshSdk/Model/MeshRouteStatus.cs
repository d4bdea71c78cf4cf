using System.Collections.Immutable;

namespace MeshSdk;

/// <summary>What the mesh makes of one route at one of its parents, in the words of the Gateway API's route status.</summary>
/// <param name="Kind"><c>HTTPRoute</c> or <c>GRPCRoute</c>.</param>
/// <param name="Namespace">The route's own.</param>
/// <param name="Name">The route's own.</param>
/// <param name="ParentRef">Zero-based position in the route's <c>spec.parentRefs</c>.</param>
/// <param name="Parent">The Service that the reference names, as <c>namespace/name</c>.</param>
/// <param name="Conditions">
/// <c>Accepted</c> and <c>ResolvedRefs</c>, and <c>PartiallyInvalid</c> where a part of the route is not in force as it was written.
/// </param>
public sealed record MeshRouteStatus(
    string Kind, string Namespace, string Name, int ParentRef, string Parent, ImmutableArray<MeshRouteCondition> Conditions)
{
    /// <summary>Of the reference: a position alone means another parent in another version of the route.</summary>
    internal string? SectionName { get; init; }

    /// <summary>Of the reference.</summary>
    internal int? Port { get; init; }

    /// <summary>Whether the route takes part in deciding about calls to this parent.</summary>
    public bool IsAccepted => Conditions.Any(static condition => condition is { Type: "Accepted", Status: "True" });

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Namespace}/{Name} at Service {Parent}: {string.Join("; ", Conditions)}";
}
