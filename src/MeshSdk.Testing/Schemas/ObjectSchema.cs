using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>What a request says of fields that the schema does not have.</summary>
internal enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <summary>Makes what somebody sent into what is stored: unknown fields dropped or refused, defaults filled in, values checked.</summary>
internal static class ObjectSchema
{
    /// <summary>
    /// Changes <paramref name="content"/> in place. Does not touch <c>metadata</c> beyond its shape, which is the store's matter; only a Namespace gets the
    /// label with its name.
    /// </summary>
    /// <param name="duplicates">Fields that stood twice in the body (<see cref="ObjectReader"/>).</param>
    /// <returns>Warnings for the <c>Warning</c> header; empty unless <paramref name="validation"/> is Warn.</returns>
    /// <exception cref="ApiException">400 for unknown or duplicate fields under Strict, 422 Invalid with causes for wrong values.</exception>
    public static IReadOnlyList<string> Prepare(
        ResourceType type, JsonObject content, FieldValidation validation, IReadOnlyList<string>? duplicates = null)
    {
        var unknown = Pruning.Apply(type.Schema, content);
        string[] faults = [.. unknown.Select(field => $"unknown field \"{field}\""), .. (duplicates ?? []).Select(field => $"duplicate field \"{field}\"")];
        if (faults.Length > 0 && validation == FieldValidation.Strict)
        {
            throw Undecodable(type, "strict decoding error: " + string.Join(", ", faults));
        }

        var errors = new FieldErrors();
        if (!type.IsCustom)
        {
            // A built-in kind is decoded before anything else looks at it, so code that fills it in may rely on its types.
            new SchemaValidator(errors).Check(type.Schema, content, "");
            if (errors.WrongType is var (field, found, expected))
            {
                throw Undecodable(type, $"json: cannot unmarshal {GoType(found)} into Go struct field {type.Kind}.{field} of type {GoType(expected)}");
            }

            errors = new FieldErrors();
        }

        Defaulting.Apply(type.Schema, content);
        if (!type.IsCustom)
        {
            BuiltInDefaults.Apply(type, content);
        }

        MetadataRules.Check(type, content["metadata"] as JsonObject ?? [], errors);
        new SchemaValidator(errors).Check(type.Schema, content, "");
        if (!type.IsCustom)
        {
            BuiltInRules.Check(type, content, errors);
        }

        errors.ThrowInvalid(type.Group.Length == 0 ? type.Kind : $"{type.Kind}.{type.Group}", NameOf(content));
        return validation == FieldValidation.Warn ? faults : [];
    }

    /// <summary>What Go's decoder, whose message people look for, calls a type.</summary>
    private static string GoType(string type) => type switch
    {
        "integer" => "number",
        "boolean" => "bool",
        _ => type,
    };

    private static ApiException Undecodable(ResourceType type, string why) =>
        ApiException.BadRequest($"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: {why}");

    private static string NameOf(JsonObject content)
    {
        var metadata = content["metadata"] as JsonObject;
        return PlainJson.String(metadata?["name"]) ?? PlainJson.String(metadata?["generateName"]) ?? "";
    }
}
