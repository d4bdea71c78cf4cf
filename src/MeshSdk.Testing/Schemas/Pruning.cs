using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>Drops what the schema does not have, and nulls that stand for nothing.</summary>
internal static class Pruning
{
    /// <summary>Changes <paramref name="content"/> and returns the paths of the unknown fields that it dropped.</summary>
    public static IReadOnlyList<string> Apply(SchemaNode schema, JsonObject content)
    {
        var unknown = new List<string>();
        Value(schema, content, "", unknown);
        return unknown;
    }

    private static void Value(SchemaNode schema, JsonNode? value, string path, List<string> unknown)
    {
        if (value is JsonArray items && schema.Items is { } item)
        {
            for (var i = 0; i < items.Count; i++)
            {
                Value(item, items[i], FieldPathText.Item(path, i), unknown);
            }
        }
        else if (value is JsonObject content && schema.Type is "object" or "")
        {
            Object(schema, content, path, unknown);
        }
    }

    private static void Object(SchemaNode schema, JsonObject content, string path, List<string> unknown)
    {
        foreach (var (name, value) in content.ToArray())
        {
            if (schema.Field(name) is not { } field)
            {
                if (schema.IsClosed && (schema.Type == "object" || !schema.Properties.IsEmpty))
                {
                    unknown.Add(FieldPathText.Field(path, name));
                    content.Remove(name);
                }
            }
            else if (value is not null)
            {
                Value(field, value, FieldPathText.Field(path, name), unknown);
            }
            else if (!field.Nullable && !field.PreserveUnknownFields)
            {
                Null(schema, content, name, field);
            }
        }
    }

    private static void Null(SchemaNode schema, JsonObject content, string name, SchemaNode field)
    {
        // In a map of texts, as labels are, a key without a value keeps its key.
        if (schema.AdditionalProperties is not null && field.Type == "string")
        {
            content[name] = "";
        }
        else
        {
            content.Remove(name);
        }
    }
}
