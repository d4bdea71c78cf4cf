namespace MeshSdk;

/// <summary>One condition of a route at a parent; the words are those of the Gateway API.</summary>
/// <param name="Type"><c>Accepted</c>, <c>ResolvedRefs</c> or <c>PartiallyInvalid</c>.</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One word for scripts, as in <c>BackendNotFound</c>.</param>
/// <param name="Message">Which field and why, for people.</param>
/// <param name="ObservedGeneration">The <c>metadata.generation</c> that this was said of; null where the object states none, as in files.</param>
public sealed record MeshRouteCondition(string Type, string Status, string Reason, string Message, long? ObservedGeneration)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Type}={Status} {Reason}";
}
