using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tool.Foreign;

/// <summary>Values of an object of which nothing is known for certain: what is not there, or of another type, is empty.</summary>
internal static class NodeValues
{
    public static MappingNode? Mapping(this MappingNode? node, string key) => node?[key] as MappingNode;

    public static IEnumerable<ManifestNode> Items(this MappingNode? node, string key) => node?[key] is SequenceNode list ? list.Items : [];

    public static string[] Texts(this MappingNode? node, string key) =>
        [.. node.Items(key).OfType<ScalarNode>().Where(static item => item.Kind == ScalarKind.Text).Select(static item => item.Text)];

    /// <summary>Whether all labels of the mapping are among the given ones; a mapping that is not there asks for none.</summary>
    public static bool AreAmong(this MappingNode? labels, IReadOnlyDictionary<string, string> given) =>
        labels is null || labels.Entries.All(label => label.Value is ScalarNode value && given.TryGetValue(label.Key, out var actual) && actual == value.Text);
}
