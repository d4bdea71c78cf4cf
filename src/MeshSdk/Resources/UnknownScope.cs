namespace MeshSdk.Resources;

/// <summary>
/// A set of objects of which a source cannot say whether there are any: never read yet, or forbidden to be read. Nothing that depends on them may be
/// taken for absent. Objects that were read once and cannot be read any more are not in such a set: their last known versions count.
/// </summary>
/// <param name="Kind">As in <c>DestinationRule</c>.</param>
/// <param name="Namespace">Null: of all namespaces.</param>
/// <param name="Name">
/// Null: all of the namespace. Of the kinds Service, EndpointSlice and Pod it is the name of the service that they belong to.
/// </param>
/// <param name="Reason">For people: what is missing, and what would help.</param>
internal sealed record UnknownScope(string Kind, string? Namespace, string? Name, string Reason)
{
    /// <summary>Whether the two are of the same objects, for whatever reason: what calls meet is the same.</summary>
    public static bool AreAlike(UnknownScope? one, UnknownScope? other) =>
        (one?.Kind, one?.Namespace, one?.Name) == (other?.Kind, other?.Namespace, other?.Name);
}
