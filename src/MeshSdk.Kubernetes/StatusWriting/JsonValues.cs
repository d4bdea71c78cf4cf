using System.Text.Json.Nodes;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>Reads single values of objects that others have written: what is missing or of another type is null.</summary>
internal static class JsonValues
{
    public static string? Text(this JsonObject content, string name) => content[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? Number(this JsonObject content, string name) => content[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
}
