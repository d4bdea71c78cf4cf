using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MeshSdk.Model;

namespace MeshSdk.Resources.Json;

/// <summary>
/// Reads what must never be written. In its place stands a digest: enough to tell whether it changed, which is what objects are written for in memory, and
/// good for nothing where one is written to disk by mistake.
/// </summary>
internal sealed class SecretTextConverter : JsonConverter<SecretText>
{
    public override SecretText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new(reader.GetString()!) : throw new JsonException("a text is expected");

    public override void Write(Utf8JsonWriter writer, SecretText value, JsonSerializerOptions options) =>
        writer.WriteStringValue($"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value.Value)))}");
}
