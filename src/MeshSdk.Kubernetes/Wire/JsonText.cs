using System.Text.Json;

namespace MeshSdk.Kubernetes.Wire;

/// <summary>Takes texts out of JSON that may hold something else in their place.</summary>
internal static class JsonText
{
    /// <summary>From the name of a property to the end of its value. Null where that is no text, or none that has characters for all its escapes.</summary>
    public static string? Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
