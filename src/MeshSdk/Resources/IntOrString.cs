using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources;

/// <summary>A Kubernetes value that is either a number or a name.</summary>
[JsonConverter(typeof(IntOrStringConverter))]
internal readonly record struct IntOrString(string Value)
{
    public override string ToString() => Value;
}

internal sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => new IntOrString(reader.GetString()!),
        JsonTokenType.Number => new IntOrString(reader.GetInt32().ToString(CultureInfo.InvariantCulture)),
        _ => throw new JsonException("a number or a string is expected"),
    };

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (int.TryParse(value.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(value.Value);
        }
    }
}
