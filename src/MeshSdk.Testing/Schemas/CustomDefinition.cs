using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>Reads a CustomResourceDefinition into the kinds that it adds, one a served version.</summary>
internal static class CustomDefinition
{
    /// <exception cref="ApiException">422: it says too little or contradicts itself.</exception>
    public static ImmutableArray<ResourceType> Read(JsonObject definition, SchemaNode metadata)
    {
        var name = definition["metadata"]?["name"]?.ToString() ?? "";
        var errors = new FieldErrors();
        try
        {
            var spec = definition["spec"]!.AsObject();
            var names = spec["names"]!.AsObject();
            var group = spec["group"]!.GetValue<string>();
            var plural = names["plural"]!.GetValue<string>();
            var versions = spec["versions"]!.AsArray().Select(version => version!.AsObject()).ToArray();
            if (name != $"{plural}.{group}")
            {
                errors.Invalid("metadata.name", name, $"must be spec.names.plural+\".\"+spec.group");
            }

            if (group.Length == 0)
            {
                errors.Required("spec.group");
            }

            if (versions.Count(version => Flag(version, "storage")) != 1)
            {
                errors.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version");
            }

            if (versions.DistinctBy(version => version["name"]!.GetValue<string>()).Count() != versions.Length)
            {
                errors.Invalid("spec.versions", spec["versions"], "must contain unique version names");
            }

            var kinds = ImmutableArray.CreateBuilder<ResourceType>();
            for (var i = 0; i < versions.Length; i++)
            {
                if (versions[i]["schema"]?["openAPIV3Schema"] is not JsonObject schema)
                {
                    errors.Required($"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required");
                }
                else if (Flag(versions[i], "served"))
                {
                    kinds.Add(Kind(spec, names, versions[i], KindSchema.Of(SchemaJson.Read(schema), metadata)));
                }
            }

            errors.ThrowInvalid("CustomResourceDefinition.apiextensions.k8s.io", name);
            return kinds.ToImmutable();
        }
        catch (Exception exception) when (exception is InvalidOperationException or NullReferenceException or FormatException)
        {
            // Validation against the definition's own schema comes first and finds what is missing at fixed places; a schema is as deep as its writer wants.
            errors.Invalid("spec", definition["spec"], "a part is missing or has another type than a CustomResourceDefinition's: " + exception.Message);
            errors.ThrowInvalid("CustomResourceDefinition.apiextensions.k8s.io", name);
            throw;
        }
    }

    private static ResourceType Kind(JsonObject spec, JsonObject names, JsonObject version, SchemaNode schema)
    {
        var kind = names["kind"]!.GetValue<string>();
        return new ResourceType
        {
            Group = spec["group"]!.GetValue<string>(),
            Version = version["name"]!.GetValue<string>(),
            Kind = kind,
            Plural = names["plural"]!.GetValue<string>(),
            Singular = names["singular"]?.GetValue<string>() is { Length: > 0 } singular ? singular : kind.ToLowerInvariant(),
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            IsNamespaced = spec["scope"]?.GetValue<string>() != "Cluster",
            HasStatus = version["subresources"]?["status"] is JsonObject,
            IsCustom = true,
            SelectableFields = version["selectableFields"] is JsonArray fields ? [.. fields.Select(field => field!["jsonPath"]!.GetValue<string>().TrimStart('.'))] : [],
            Schema = schema,
            Columns = Columns(version["additionalPrinterColumns"] as JsonArray),
        };
    }

    private static ImmutableArray<PrinterColumn> Columns(JsonArray? columns) => columns is null or { Count: 0 }
        ? [new PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
        : [.. columns.Select(column => new PrinterColumn(
            column!["name"]!.GetValue<string>(),
            column["type"]?.GetValue<string>() ?? "string",
            column["jsonPath"]!.GetValue<string>(),
            column["priority"]?.GetValue<int>() ?? 0,
            column["description"]?.GetValue<string>() ?? "",
            column["format"]?.GetValue<string>() ?? ""))];

    private static ImmutableArray<string> Texts(JsonNode? texts) => texts is JsonArray array ? [.. array.Select(text => text!.GetValue<string>())] : [];

    private static bool Flag(JsonObject json, string name) => json[name]?.GetValue<bool>() ?? false;
}
