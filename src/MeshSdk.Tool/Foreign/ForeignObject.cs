using MeshSdk.Resources;
using MeshSdk.Resources.Json;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tool.Foreign;

/// <summary>An object of a <see cref="ForeignKind"/>, as it was written. Whatever is wrong with it is for nobody here to say: such fields are passed over.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Spec">Empty where it has none.</param>
internal sealed record ForeignObject(ResourceKey Key, MappingNode Spec)
{
    public string Namespace => Key.Namespace;

    /// <summary>Null where the object is of another kind, or has no name.</summary>
    public static ForeignObject? Of(ManifestObject source) =>
        source is { ApiVersion: { } version, Kind: { } kind } ? Of(ResourceKinds.GroupOf(version), kind, source.Node) : null;

    /// <summary>Null where the object is of another kind, or has no name.</summary>
    public static ForeignObject? Of(string group, string kind, MappingNode node)
    {
        if (group != ForeignKind.Group || ForeignKind.All.All(known => known.Kind != kind)
            || node.Mapping("metadata") is not { } metadata || metadata.Text("name") is not { Length: > 0 } name)
        {
            return null;
        }

        var ns = metadata.Text("namespace") is { Length: > 0 } stated ? stated : ResourceKind.DefaultNamespace;
        return new ForeignObject(new ResourceKey(kind, ns, name), node.Mapping("spec") ?? new MappingNode(node.Line, []));
    }

    public override string ToString() => Key.ToString();
}
