using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary>What is to be listed: the configuration, what it comes to for the caller, and the part that was asked for.</summary>
/// <param name="Namespace">Null: all of them.</param>
internal sealed record MeshView(LoadedMesh Mesh, MeshSnapshot Snapshot, MeshSecurity Security, string? Namespace, DateTimeOffset Now)
{
    public required UnknownPolicies UnknownPolicies { get; init; }

    public required CallerContext Caller { get; init; }

    /// <summary>The objects of one kind, in order of their names.</summary>
    public IEnumerable<T> Objects<T>()
        where T : Resource => Mesh.Objects
        .OfType<T>()
        .Where(resource => Namespace is null || resource.Metadata.Namespace == Namespace)
        .OrderBy(static resource => resource.Metadata.Namespace, StringComparer.Ordinal)
        .ThenBy(static resource => resource.Metadata.Name, StringComparer.Ordinal);

    public string AgeOf(Resource resource) => Age.Of(resource.Metadata.CreationTimestamp, Now);

    /// <summary>A table that says which namespace its rows belong to where it spans several.</summary>
    public Table NewTable(params string[] headings) => new(Namespace is null ? ["NAMESPACE", .. headings] : headings);

    public void AddRow(Table table, string ns, params string[] cells) => table.Add(Namespace is null ? [ns, .. cells] : cells);
}
