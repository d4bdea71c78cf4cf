using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Api;

/// <summary>Reading trees that somebody else wrote: what has the wrong type counts as absent, for the schema's check has the say on it.</summary>
internal static class JsonAccess
{
    public static string? Text(this JsonObject parent, string name) =>
        parent.TryGetPropertyValue(name, out var node) && node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? Number(this JsonObject parent, string name) =>
        parent.TryGetPropertyValue(name, out var node) && node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && value.TryGetValue<long>(out var number) ? number : null;

    public static JsonObject? Object(this JsonObject parent, string name) =>
        parent.TryGetPropertyValue(name, out var node) ? node as JsonObject : null;

    /// <summary>The object's metadata, made where there is none.</summary>
    public static JsonObject Metadata(this JsonObject content)
    {
        if (content["metadata"] is JsonObject metadata)
        {
            return metadata;
        }

        metadata = [];
        content["metadata"] = metadata;
        return metadata;
    }

    /// <summary>The texts of a list, as in <c>metadata.finalizers</c>.</summary>
    public static IReadOnlyList<string> Texts(this JsonObject parent, string name) =>
        parent.TryGetPropertyValue(name, out var node) && node is JsonArray list
            ? [.. list.OfType<JsonValue>().Select(item => item.TryGetValue<string>(out var text) ? text : item.ToString())]
            : [];

    /// <summary>Gives a property the value that it has elsewhere, or removes it where it has none there.</summary>
    public static void TakeFrom(this JsonObject target, JsonObject source, string name)
    {
        if (source.TryGetPropertyValue(name, out var value) && value is not null)
        {
            target[name] = value.DeepClone();
        }
        else
        {
            target.Remove(name);
        }
    }
}
