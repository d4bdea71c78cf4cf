using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Storage;

/// <summary>Names a collection: all versions of a kind share one.</summary>
internal readonly record struct CollectionId(string Group, string Plural)
{
    public static CollectionId Of(ResourceType type) => new(type.Group, type.Plural);
}
