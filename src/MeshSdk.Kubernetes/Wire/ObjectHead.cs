using System.Text.Json;

namespace MeshSdk.Kubernetes.Wire;

/// <summary>What every object says of itself, read without looking at the rest, which may be broken or not be of interest.</summary>
/// <param name="Namespace">Empty where the object belongs to the cluster.</param>
/// <param name="Name">Empty where there is none, as in a bookmark.</param>
/// <param name="ResourceVersion">Empty where there is none.</param>
/// <param name="EndsInitialEvents">The bookmark that follows the last object of what was there when the watch began.</param>
internal readonly record struct ObjectHead(string Namespace, string Name, string ResourceVersion, bool EndsInitialEvents)
{
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static ObjectHead Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return new("", "", "", false);
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                return Metadata(ref reader);
            }

            reader.Skip();
        }

        return new("", "", "", false);
    }

    private static ObjectHead Metadata(ref Utf8JsonReader reader)
    {
        var (space, name, version, ends) = ("", "", "", false);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new(space, name, version, ends);
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("namespace"u8))
            {
                space = JsonText.Read(ref reader) ?? "";
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                name = JsonText.Read(ref reader) ?? "";
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                version = JsonText.Read(ref reader) ?? "";
            }
            else if (reader.ValueTextEquals("annotations"u8))
            {
                ends = HasEndMark(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return new(space, name, version, ends);
    }

    private static bool HasEndMark(ref Utf8JsonReader reader)
    {
        var found = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMark = reader.ValueTextEquals("k8s.io/initial-events-end"u8);
            reader.Read();
            found |= isMark && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("true"u8);
            reader.Skip();
        }

        return found;
    }
}
