using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>By which values the items of a list of type map are told apart.</summary>
internal static class ListKeys
{
    /// <summary>The keys in the order of their names, with the schema's defaults for those that are not set; null for an item that is no object.</summary>
    public static JsonObject? Of(SchemaNode list, JsonNode? item)
    {
        if (item is not JsonObject content)
        {
            return null;
        }

        var keys = new JsonObject();
        foreach (var name in list.ListMapKeys.Order(StringComparer.Ordinal))
        {
            if ((content[name] ?? list.Items?.Field(name)?.Default) is { } value)
            {
                keys[name] = value.DeepClone();
            }
        }

        return keys;
    }
}
