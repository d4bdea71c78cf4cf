using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>Collects what is wrong with an object, field by field, in the words of the API server, on which kubectl's output and scripts rely.</summary>
internal sealed class FieldErrors
{
    private const int LongestValue = 500;

    private readonly List<(string Reason, string Field, string Message)> _errors = [];
    private (string Field, string Found, string Expected)? _wrongType;

    public bool IsEmpty => _errors.Count == 0;

    public IReadOnlyList<(string Reason, string Field, string Message)> All => _errors;

    public void Required(string field, string detail = "") => Add("FieldValueRequired", field, "Required value" + (detail.Length > 0 ? ": " + detail : ""));

    public void Invalid(string field, JsonNode? value, string detail) => Add("FieldValueInvalid", field, $"Invalid value: {Show(value)}: {detail}");

    public void OfWrongType(string field, string found, string expected, bool withField = true)
    {
        _wrongType ??= (field, found, expected);
        Add("FieldValueTypeInvalid", field, $"Invalid value: \"{found}\": {(withField ? field + " in body " : "")}must be of type {expected}: \"{found}\"");
    }

    public void Unsupported(string field, JsonNode? value, IEnumerable<JsonNode?> supported) =>
        Add("FieldValueNotSupported", field, $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.Select(Show))}");

    public void TooLong(string field, long most) => Add("FieldValueTooLong", field, $"Too long: may not be more than {most} bytes");

    public void TooMany(string field, int count, long most) => Add("FieldValueTooMany", field, $"Too many: {count}: must have at most {most} items");

    public void Duplicate(string field, JsonNode? value) => Add("FieldValueDuplicate", field, $"Duplicate value: {Show(value)}");

    /// <param name="kind">With its group, as in <c>HTTPRoute.gateway.networking.k8s.io</c>.</param>
    /// <exception cref="ApiException">422 where anything was found.</exception>
    public void ThrowInvalid(string kind, string name)
    {
        if (_errors.Count == 0)
        {
            return;
        }

        var texts = _errors.Select(error => error.Field.Length > 0 ? $"{error.Field}: {error.Message}" : error.Message).ToArray();
        var dot = kind.IndexOf('.', StringComparison.Ordinal);
        throw new ApiException(422, "Invalid", $"{kind} \"{name}\" is invalid: {(texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]")}")
        {
            Details = new JsonObject
            {
                ["name"] = name,
                ["group"] = dot < 0 ? "" : kind[(dot + 1)..],
                ["kind"] = dot < 0 ? kind : kind[..dot],
                ["causes"] = new JsonArray([.. _errors.Select(error => (JsonNode)new JsonObject
                {
                    ["reason"] = error.Reason,
                    ["message"] = error.Message,
                    ["field"] = error.Field,
                })]),
            },
        };
    }

    /// <summary>The first value of a wrong type, which for built-in kinds means that the body cannot be decoded at all.</summary>
    public (string Field, string Found, string Expected)? WrongType => _wrongType;

    private void Add(string reason, string field, string message) => _errors.Add((reason, field, message));

    /// <summary>A value may be as large as a whole definition, and a message is there to be read.</summary>
    private static string Show(JsonNode? value) => PlainJson.Text(value) is { Length: > LongestValue } text ? text[..LongestValue] + "…" : PlainJson.Text(value);
}
