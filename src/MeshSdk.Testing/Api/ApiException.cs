using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Api;

/// <summary>A refusal, as the API server words it: the body is a <c>Status</c> object. kubectl shows the message and acts on the reason.</summary>
internal sealed class ApiException(int code, string reason, string message) : Exception(message)
{
    public int Code { get; } = code;

    /// <summary>As in <c>NotFound</c>, <c>Conflict</c>, <c>Invalid</c>, <c>BadRequest</c>, <c>Forbidden</c>, <c>Expired</c>, …</summary>
    public string Reason { get; } = reason;

    /// <summary>The status's <c>details</c> (name, group, kind, uid, causes, retryAfterSeconds), where there are any.</summary>
    public JsonObject? Details { get; init; }

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Conflict(ResourceType type, string name, string message) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedPlural} \"{name}\": {message}") { Details = DetailsOf(type, name) };

    public static ApiException NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedPlural} \"{name}\" not found") { Details = DetailsOf(type, name) };

    public static ApiException AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedPlural} \"{name}\" already exists") { Details = DetailsOf(type, name) };

    public static ApiException UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    public static JsonObject DetailsOf(ResourceType type, string name) => new()
    {
        ["name"] = name,
        ["group"] = type.Group,
        ["kind"] = type.Plural,
    };
}
