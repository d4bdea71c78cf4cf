using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.Addresses;

/// <summary>Refusals of one field, in the words of the API server: 422, with the cause in the details.</summary>
internal static class InvalidField
{
    public static ApiException Value(ResourceType type, string name, string field, string value, string detail) =>
        Refuse(type, name, field, "FieldValueInvalid", $"Invalid value: {value}: {detail}");

    public static ApiException Forbidden(ResourceType type, string name, string field, string detail) =>
        Refuse(type, name, field, "FieldValueForbidden", $"Forbidden: {detail}");

    public static string List(IEnumerable<string> values) => $"[{string.Join(',', values.Select(value => $"\"{value}\""))}]";

    private static ApiException Refuse(ResourceType type, string name, string field, string reason, string message)
    {
        var details = ApiException.DetailsOf(type, name);
        details["kind"] = type.Kind;
        details["causes"] = new JsonArray(new JsonObject { ["reason"] = reason, ["message"] = message, ["field"] = field });
        return new(422, "Invalid", $"{type.Kind} \"{name}\" is invalid: {field}: {message}") { Details = details };
    }
}
