using System.Text.Json;

namespace MeshSdk.Kubernetes.Wire;

/// <summary>What a page of a list says of itself.</summary>
/// <param name="ResourceVersion">Where a watch goes on from; empty where the server states none.</param>
/// <param name="Continue">The token of the next page; empty at the last one.</param>
internal readonly record struct ListHead(string ResourceVersion, string Continue)
{
    /// <param name="json">The value of <c>metadata</c>.</param>
    public static ListHead Read(ReadOnlySpan<byte> json)
    {
        var (version, next) = ("", "");
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new(version, next);
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("resourceVersion"u8))
            {
                version = JsonText.Read(ref reader) ?? "";
            }
            else if (reader.ValueTextEquals("continue"u8))
            {
                next = JsonText.Read(ref reader) ?? "";
            }
            else
            {
                reader.Skip();
            }
        }

        return new(version, next);
    }
}
