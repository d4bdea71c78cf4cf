using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MeshSdk.Model;

namespace MeshSdk.Resources.Json;

/// <summary>The data of a Secret, which is in base64.</summary>
internal sealed class EncodedCertificateConverter : JsonConverter<CertificateData>
{
    public override CertificateData? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize(ref reader, ResourceJsonContext.Default.CertificateData) is not { } encoded ? null : new()
        {
            CaCrt = Decode(encoded.CaCrt, "ca.crt"),
            CaCert = Decode(encoded.CaCert, "cacert"),
            CaCrl = Decode(encoded.CaCrl, "ca.crl"),
            Crl = Decode(encoded.Crl, "crl"),
            TlsCrt = Decode(encoded.TlsCrt, "tls.crt"),
            Cert = Decode(encoded.Cert, "cert"),
            TlsKey = Decode(encoded.TlsKey, "tls.key"),
            Key = Decode(encoded.Key, "key"),
        };

    public override void Write(Utf8JsonWriter writer, CertificateData value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, ResourceJsonContext.Default.CertificateData);

    private static SecretText? Decode(SecretText? text, string key) => text is null ? null : new(Decode(text.Value, key));

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Decode(string? text, string key)
    {
        if (text is null)
        {
            return null;
        }

        // Says which, and never what: it may be a private key that somebody forgot to encode.
        return Base64.IsValid(text) ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : throw new JsonException($"{key} is not in base64");
    }
}
