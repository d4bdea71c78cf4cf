using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>JSON values the way people read them, and what a <see cref="JsonValue"/> does not say by itself.</summary>
internal static class PlainJson
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>On one line, with quotes and angle brackets as they are.</summary>
    public static string Text(JsonNode? value) => value?.ToJsonString(Options) ?? "null";

    /// <summary>A number, whatever .NET type holds it; null for what is none.</summary>
    public static double? Number(JsonNode? value) =>
        value is JsonValue && value.GetValueKind() == JsonValueKind.Number ? double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture) : null;

    /// <summary>A text; null for what is none.</summary>
    public static string? String(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var content) ? content : null;

    /// <summary>What Kubernetes calls the type of a value.</summary>
    public static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => Number(value) is { } number && Math.Floor(number) == number ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };
}
