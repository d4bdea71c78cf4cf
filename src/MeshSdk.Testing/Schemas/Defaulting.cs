using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>Fills in the schema's defaults, also inside of what it has just filled in. Makes no field only to have a place for a default in it.</summary>
internal static class Defaulting
{
    public static void Apply(SchemaNode schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonArray items when schema.Items is { } item:
                foreach (var element in items)
                {
                    Apply(item, element);
                }

                break;
            case JsonObject content:
                Object(schema, content);
                break;
        }
    }

    private static void Object(SchemaNode schema, JsonObject content)
    {
        foreach (var (name, field) in schema.Properties)
        {
            if (field.Default is { } value && (!content.TryGetPropertyValue(name, out var there) || (there is null && !field.Nullable)))
            {
                content[name] = value.DeepClone();
            }
        }

        foreach (var (name, value) in content.ToArray())
        {
            if (schema.Field(name) is { } field)
            {
                Apply(field, value);
            }
        }
    }
}
