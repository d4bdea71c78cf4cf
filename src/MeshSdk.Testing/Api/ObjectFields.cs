using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Api;

/// <summary>
/// Reads fields of stored objects. What is missing, or of another type than it should be, reads as unset: who reads it outlives any object.
/// </summary>
internal static class ObjectFields
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    /// <summary>Null where it is no string, or an empty one.</summary>
    public static string? TextAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String
            && value.GetValue<string>() is { Length: > 0 } text ? text : null;

    public static bool IsTrueAt(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path)?.GetValueKind() == JsonValueKind.True;

    /// <summary>Null where it is no whole number. By its text, as a node that was parsed and one that was made hold numbers in different ways.</summary>
    public static int? NumberAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && int.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static IEnumerable<JsonObject> ObjectsAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray array ? array.OfType<JsonObject>() : [];

    public static ImmutableArray<string> TextsAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray array ? [.. array.Select(item => item.TextAt()).OfType<string>()] : [];

    public static ImmutableSortedDictionary<string, string> TextMapAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonObject map
            ? map.ToImmutableSortedDictionary(entry => entry.Key, entry => entry.Value.AnyText(), StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    public static JsonArray ToJsonArray(this IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    public static JsonObject ToJsonObject(this IEnumerable<KeyValuePair<string, string>> map) =>
        new(map.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));

    public static string Name(this JsonObject content) => content.TextAt("metadata", "name") ?? "";

    public static string Namespace(this JsonObject content) => content.TextAt("metadata", "namespace") ?? "";

    public static string Uid(this JsonObject content) => content.TextAt("metadata", "uid") ?? "";

    /// <summary>Grows from write to write.</summary>
    public static long Version(this JsonObject content) =>
        long.TryParse(content.TextAt("metadata", "resourceVersion"), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    public static bool IsTerminating(this JsonObject content) => content.TextAt("metadata", "deletionTimestamp") is not null;

    private static string AnyText(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
}
