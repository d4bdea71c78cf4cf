using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MeshSdk.Resources.Json;

/// <summary>A kind that the mesh reads, and how its objects are read. The version of the group does not matter: the fields in use are the same in all.</summary>
internal sealed record ResourceKind(string Group, string Kind, JsonTypeInfo TypeInfo)
{
    /// <summary>Stated by the API for objects that name no namespace.</summary>
    public const string DefaultNamespace = "default";

    /// <summary>
    /// Whether the object of a name is read in this way; those of most kinds all are. Of a kind that is read in several ways each name is read in one.
    /// </summary>
    public Func<string?, bool> Reads { get; init; } = static _ => true;

    /// <summary>Whether objects of it hold what must never be written to disk.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Objects of it belong to no namespace.</summary>
    public bool IsOfCluster { get; init; }

    /// <summary>Reads one object as a manifest states it, without asking for a name; one without a namespace is put into <c>default</c>.</summary>
    /// <exception cref="JsonException">The text is not JSON, or a field has the wrong type.</exception>
    public Resource Read(ReadOnlySpan<byte> json)
    {
        var resource = ReadAsServed(json);
        var ns = IsOfCluster ? "" : resource.Metadata.Namespace.Length > 0 ? resource.Metadata.Namespace : DefaultNamespace;
        return resource.Metadata.Namespace == ns ? resource : resource with { Metadata = resource.Metadata with { Namespace = ns } };
    }

    /// <summary>Reads one object as an API server gives it out: one without a namespace belongs to the cluster.</summary>
    /// <exception cref="JsonException">The text is not JSON, or a field has the wrong type.</exception>
    public Resource ReadAsServed(ReadOnlySpan<byte> json) =>
        (Resource?)JsonSerializer.Deserialize(json, TypeInfo) ?? throw new JsonException("an object is expected, found null");
}
