using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>Checks values against a schema. What is written in CEL (<c>x-kubernetes-validations</c>) is not covered.</summary>
internal sealed class SchemaValidator(FieldErrors errors)
{
    public void Check(SchemaNode schema, JsonNode? value, string path)
    {
        if (value is null)
        {
            if (!schema.Nullable && schema.Type.Length > 0)
            {
                errors.OfWrongType(path, "null", schema.Type);
            }

            return;
        }

        if (schema.IntOrString ? PlainJson.TypeOf(value) is not ("integer" or "string") : !IsOfType(value, schema.Type))
        {
            errors.OfWrongType(path, PlainJson.TypeOf(value), schema.IntOrString ? "integer,string" : schema.Type);
            return;
        }

        ScalarRules.Check(schema.Facets, value, path, errors);
        switch (value)
        {
            case JsonObject content:
                Fields(schema, content, path);
                break;
            case JsonArray items:
                Items(schema, items, path);
                break;
        }

        Junctors(schema, value, path);
    }

    private static bool IsOfType(JsonNode value, string type) =>
        type.Length == 0 || PlainJson.TypeOf(value) is var found && (found == type || (type == "number" && found == "integer"));

    private void Fields(SchemaNode schema, JsonObject content, string path)
    {
        foreach (var name in schema.Required)
        {
            if (!content.ContainsKey(name))
            {
                errors.Required(FieldPathText.Field(path, name));
            }
        }

        if (Limit(schema, "minProperties") is { } least && content.Count < least)
        {
            errors.Invalid(path, content.Count, $"{path} in body should have at least {least} properties");
        }

        if (Limit(schema, "maxProperties") is { } most && content.Count > most)
        {
            errors.TooMany(path, content.Count, most);
        }

        foreach (var (name, value) in content)
        {
            if (schema.Field(name) is { } field)
            {
                Check(field, value, FieldPathText.Field(path, name));
            }
        }
    }

    private void Items(SchemaNode schema, JsonArray items, string path)
    {
        if (Limit(schema, "minItems") is { } least && items.Count < least)
        {
            errors.Invalid(path, items.Count, $"{path} in body should have at least {least} items");
        }

        if (Limit(schema, "maxItems") is { } most && items.Count > most)
        {
            errors.TooMany(path, items.Count, most);
        }

        if (schema.Items is { } item)
        {
            for (var i = 0; i < items.Count; i++)
            {
                Check(item, items[i], FieldPathText.Item(path, i));
            }
        }

        if (schema.ListType is "set" or "map")
        {
            Duplicates(schema, items, path);
        }
    }

    private void Duplicates(SchemaNode schema, JsonArray items, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            var identity = schema.ListType == "set" ? items[i]?.DeepClone() : ListKeys.Of(schema, items[i]);
            if (!seen.Add(PlainJson.Text(identity)))
            {
                errors.Duplicate(FieldPathText.Item(path, i), identity);
            }
        }
    }

    private void Junctors(SchemaNode schema, JsonNode value, string path)
    {
        foreach (var part in schema.AllOf)
        {
            Check(part, value, path);
        }

        if (!schema.AnyOf.IsEmpty && !schema.AnyOf.Any(part => Holds(part, value)))
        {
            errors.Invalid(path, value, $"{path} in body must validate at least one schema (anyOf)");
        }

        if (!schema.OneOf.IsEmpty && schema.OneOf.Count(part => Holds(part, value)) != 1)
        {
            errors.Invalid(path, value, $"{path} in body must validate one and only one schema (oneOf)");
        }

        if (schema.Not is { } not && Holds(not, value))
        {
            errors.Invalid(path, value, $"{path} in body must not validate the schema (not)");
        }
    }

    private static bool Holds(SchemaNode schema, JsonNode? value)
    {
        var found = new FieldErrors();
        new SchemaValidator(found).Check(schema, value, "");
        return found.IsEmpty;
    }

    private static long? Limit(SchemaNode schema, string name) =>
        schema.Facets?[name] is { } limit ? long.Parse(limit.ToJsonString(), CultureInfo.InvariantCulture) : null;
}
