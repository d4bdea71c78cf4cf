using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>Schemas as JSON: a CRD's <c>openAPIV3Schema</c> on the way in, a component of an OpenAPI document on the way out.</summary>
internal static class SchemaJson
{
    private static readonly HashSet<string> Known =
    [
        "type", "description", "default", "properties", "additionalProperties", "items", "required", "nullable", "allOf", "anyOf", "oneOf", "not",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
        "x-kubernetes-patch-merge-key",
    ];

    /// <exception cref="InvalidOperationException">A part has another shape than a schema has.</exception>
    public static SchemaNode Read(JsonObject json)
    {
        var properties = json["properties"]?.AsObject().Select(field => KeyValuePair.Create(field.Key, Read(field.Value!.AsObject())));
        var facets = json.Where(part => !Known.Contains(part.Key)).ToArray();
        return new SchemaNode
        {
            Type = Text(json, "type"),
            Description = Text(json, "description"),
            Default = json["default"]?.DeepClone(),
            Properties = properties?.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? ImmutableSortedDictionary<string, SchemaNode>.Empty,
            AdditionalProperties = json["additionalProperties"] switch
            {
                JsonObject schema => Read(schema),
                JsonValue value when value.GetValue<bool>() => new SchemaNode { PreserveUnknownFields = true },
                _ => null,
            },
            Items = json["items"] is JsonObject items ? Read(items) : null,
            Required = Texts(json, "required"),
            Nullable = Flag(json, "nullable"),
            AllOf = Schemas(json, "allOf"),
            AnyOf = Schemas(json, "anyOf"),
            OneOf = Schemas(json, "oneOf"),
            Not = json["not"] is JsonObject not ? Read(not) : null,
            PreserveUnknownFields = Flag(json, "x-kubernetes-preserve-unknown-fields"),
            IntOrString = Flag(json, "x-kubernetes-int-or-string"),
            ListType = Text(json, "x-kubernetes-list-type"),
            ListMapKeys = Texts(json, "x-kubernetes-list-map-keys"),
            MapType = Text(json, "x-kubernetes-map-type"),
            PatchMergeKey = Text(json, "x-kubernetes-patch-merge-key"),
            Facets = facets.Length == 0 ? null : new JsonObject(facets.Select(part => KeyValuePair.Create(part.Key, part.Value?.DeepClone()))),
        };
    }

    public static JsonObject Write(SchemaNode schema)
    {
        var json = schema.Facets?.DeepClone().AsObject() ?? [];
        Put("type", schema.Type);
        Put("description", schema.Description);
        Put("x-kubernetes-list-type", schema.ListType);
        Put("x-kubernetes-map-type", schema.MapType);
        Put("x-kubernetes-patch-merge-key", schema.PatchMergeKey);
        PutAll("required", schema.Required);
        PutAll("x-kubernetes-list-map-keys", schema.ListMapKeys);
        PutFlag("nullable", schema.Nullable);
        PutFlag("x-kubernetes-preserve-unknown-fields", schema.PreserveUnknownFields);
        PutFlag("x-kubernetes-int-or-string", schema.IntOrString);
        PutSchemas("allOf", schema.AllOf);
        PutSchemas("anyOf", schema.AnyOf);
        PutSchemas("oneOf", schema.OneOf);
        if (schema.Not is { } not)
        {
            json["not"] = Write(not);
        }

        if (schema.Default is { } value)
        {
            json["default"] = value.DeepClone();
        }

        if (!schema.Properties.IsEmpty)
        {
            json["properties"] = new JsonObject(schema.Properties.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Write(field.Value))));
        }

        if (schema.AdditionalProperties is { } values)
        {
            json["additionalProperties"] = Write(values);
        }

        if (schema.Items is { } items)
        {
            json["items"] = Write(items);
        }

        return json;

        void Put(string name, string text)
        {
            if (text.Length > 0)
            {
                json[name] = text;
            }
        }

        void PutAll(string name, ImmutableArray<string> texts)
        {
            if (!texts.IsEmpty)
            {
                json[name] = new JsonArray([.. texts.Select(text => (JsonNode)text)]);
            }
        }

        void PutFlag(string name, bool flag)
        {
            if (flag)
            {
                json[name] = true;
            }
        }

        void PutSchemas(string name, ImmutableArray<SchemaNode> schemas)
        {
            if (!schemas.IsEmpty)
            {
                json[name] = new JsonArray([.. schemas.Select(part => (JsonNode)Write(part))]);
            }
        }
    }

    private static string Text(JsonObject json, string name) => json[name]?.GetValue<string>() ?? "";

    private static bool Flag(JsonObject json, string name) => json[name]?.GetValue<bool>() ?? false;

    private static ImmutableArray<string> Texts(JsonObject json, string name) =>
        json[name] is JsonArray texts ? [.. texts.Select(text => text!.GetValue<string>())] : [];

    private static ImmutableArray<SchemaNode> Schemas(JsonObject json, string name) =>
        json[name] is JsonArray schemas ? [.. schemas.Select(schema => Read(schema!.AsObject()))] : [];
}
