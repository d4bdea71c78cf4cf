namespace MeshSdk.Testing.Storage;

/// <summary>What a list or a watch asks for within its collection.</summary>
/// <param name="Namespace">Null: all of them.</param>
internal sealed record ObjectFilter(string? Namespace, LabelSelector Labels, FieldSelector Fields)
{
    public static ObjectFilter Everything { get; } = new(null, LabelSelector.Everything, FieldSelector.Everything);

    /// <summary>Whether a selector is part of it: Kubernetes counts what remains of a list only where there is none.</summary>
    public bool HasSelector => !Labels.IsEverything || !Fields.IsEverything;

    public bool Matches(StoredObject? candidate) =>
        candidate is not null && (Namespace is null || candidate.Key.Namespace == Namespace) && Labels.Matches(candidate.Labels) && Fields.Matches(candidate);
}
