using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace MeshSdk.Identity.Tests.Fixtures;

/// <summary>Tokens of service accounts as the kubelet projects them, but for the signature, which nobody here checks.</summary>
internal static class Jwt
{
    public static string Token(string @namespace = "istio-test", string account = "client", string audience = "istio-ca", int serial = 0) =>
        string.Join('.', Part(new { alg = "RS256" }), Part(new { aud = new[] { audience }, sub = $"system:serviceaccount:{@namespace}:{account}", jti = serial }), Text("signature"));

    public static JsonElement Claims(string token) => JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(token.Split('.')[1]));

    private static string Part<T>(T content) => Text(JsonSerializer.Serialize(content));

    private static string Text(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
