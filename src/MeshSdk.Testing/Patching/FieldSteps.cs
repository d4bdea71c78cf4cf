using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>How a schema divides a value into fields with owners of their own, and what the step to each is called.</summary>
internal static class FieldSteps
{
    public static string Field(string name) => "f:" + name;

    public static string Keys(JsonObject keys) =>
        "k:" + PlainJson.Text(new JsonObject(keys.OrderBy(key => key.Key, StringComparer.Ordinal).Select(key => KeyValuePair.Create(key.Key, key.Value?.DeepClone()))));

    /// <summary>Whether a value's parts have owners of their own. Objects of unknown content do, lists of unknown content are one field.</summary>
    public static bool IsGranular(SchemaNode? schema, JsonNode? value) => value switch
    {
        JsonObject => schema?.MapType != "atomic",
        JsonArray => schema?.ListType is "map" or "set",
        _ => false,
    };

    /// <summary>The step to an item of a granular list; null where the item has no identity.</summary>
    public static string? Item(SchemaNode list, JsonNode? item) => list.ListType == "set"
        ? "v:" + PlainJson.Text(item)
        : ListKeys.Of(list, item) is { Count: > 0 } keys ? Keys(keys) : null;

    /// <summary>The parts of a granular value, by step. Of items with one identity the last counts.</summary>
    public static Dictionary<string, (SchemaNode? Schema, JsonNode? Value)> Parts(SchemaNode? schema, JsonNode? value)
    {
        var parts = new Dictionary<string, (SchemaNode?, JsonNode?)>(StringComparer.Ordinal);
        switch (value)
        {
            case JsonObject content:
                foreach (var (name, part) in content)
                {
                    parts[Field(name)] = (schema?.Field(name), part);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    if (Item(schema!, item) is { } step)
                    {
                        parts[step] = (schema!.Items, item);
                    }
                }

                break;
        }

        return parts;
    }
}
