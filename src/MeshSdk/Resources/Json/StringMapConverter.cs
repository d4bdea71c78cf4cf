using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources.Json;

/// <summary>Labels, annotations and selectors. A key without a value, as templates like to leave them, is an empty text to Kubernetes, not a null.</summary>
internal sealed class StringMapConverter : JsonConverter<Dictionary<string, string>>
{
    public override Dictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a mapping of names to texts is expected");
        }

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = SharedText.Of(reader.GetString())!;
            reader.Read();
            map[name] = reader.TokenType switch
            {
                JsonTokenType.String => SharedText.Of(reader.GetString())!,
                JsonTokenType.Null => "",
                _ => throw new JsonException("a text is expected"),
            };
        }

        return map;
    }

    public override void Write(Utf8JsonWriter writer, Dictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
    }
}
