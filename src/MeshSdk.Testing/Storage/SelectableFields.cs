using System.Collections.Frozen;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Storage;

/// <summary>The fields beside name and namespace that a kind can be selected by. They are read once, when an object is stored.</summary>
internal static class SelectableFields
{
    private static readonly FrozenDictionary<(string Group, string Kind), string[]> ByKind = new Dictionary<(string, string), string[]>
    {
        [("", "Service")] = ["spec.clusterIP", "spec.type"],
        [("", "Pod")] =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ],
        [("", "Event")] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        [("", "Namespace")] = ["status.phase"],
        [("", "Node")] = ["spec.unschedulable"],
        [("", "Secret")] = ["type"],
    }.ToFrozenDictionary();

    /// <summary>Where a field's value is in <see cref="StoredObject.Fields"/>; negative where the kind cannot be selected by it.</summary>
    public static int IndexOf(ResourceType type, string field) => Array.IndexOf(Of(type), field);

    public static string[] Read(ResourceType type, JsonObject content) =>
        Of(type) is { Length: > 0 } paths ? [.. paths.Select(path => Value(content, path))] : [];

    private static string[] Of(ResourceType type) => ByKind.GetValueOrDefault((type.Group, type.Kind), []);

    /// <summary>A field that only a custom resource's definition names. It may come with any change of the definition, so it is read when it is asked for.</summary>
    public static string Read(StoredObject stored, string path) => Value(JsonNode.Parse(stored.Content.Span)!.AsObject(), path);

    private static string Value(JsonObject content, string path)
    {
        JsonNode? node = content;
        foreach (var name in path.Split('.'))
        {
            node = node is JsonObject parent && parent.TryGetPropertyValue(name, out var child) ? child : null;
        }

        return node switch
        {
            JsonValue value => value.ToString(),
            JsonArray addresses => string.Join(',', addresses.OfType<JsonObject>().Select(address => address.Text("ip"))),
            JsonObject source => source.Text("component") ?? "",
            _ when path is "spec.unschedulable" or "spec.hostNetwork" => "false",
            _ => "",
        };
    }
}
