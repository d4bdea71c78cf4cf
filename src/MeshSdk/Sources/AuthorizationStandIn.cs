using System.Text.Json;
using MeshSdk.Resources;

namespace MeshSdk.Sources;

/// <summary>What is in force for an authorization policy that cannot be read: whom it lets call cannot be told, so that nobody may.</summary>
internal static class AuthorizationStandIn
{
    private static readonly JsonElement DenyAll = JsonDocument.Parse("""{"action":"DENY","rules":[{}]}""").RootElement;

    /// <param name="metadata">Its name, or a made-up one.</param>
    /// <param name="labels">Those of the pods that it is for; null: of all of its namespace, or that cannot be told.</param>
    /// <param name="origin">Where it stands.</param>
    public static AuthorizationPolicy Of(ObjectMeta metadata, Dictionary<string, string>? labels, ResourceOrigin? origin) =>
        new() { Metadata = metadata, Spec = labels is { Count: > 0 } ? DenyAllOf(labels) : DenyAll, Origin = origin };

    private static JsonElement DenyAllOf(Dictionary<string, string> labels)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("selector");
            json.WriteStartObject("matchLabels");
            foreach (var (name, value) in labels)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
            foreach (var field in DenyAll.EnumerateObject())
            {
                field.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.ToArray()).RootElement;
    }
}
