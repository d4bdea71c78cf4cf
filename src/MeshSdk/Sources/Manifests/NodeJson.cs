using System.Text.Json;

namespace MeshSdk.Sources.Manifests;

/// <summary>Writes a tree as the JSON that an API server would send for it.</summary>
internal static class NodeJson
{
    public static void Write(Utf8JsonWriter writer, ManifestNode node)
    {
        switch (node)
        {
            case MappingNode mapping:
                writer.WriteStartObject();
                foreach (var (key, value) in mapping.Entries)
                {
                    writer.WritePropertyName(key);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case SequenceNode sequence:
                writer.WriteStartArray();
                foreach (var item in sequence.Items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case ScalarNode scalar:
                Write(writer, scalar);
                break;
        }
    }

    private static void Write(Utf8JsonWriter writer, ScalarNode scalar)
    {
        switch (scalar.Kind)
        {
            case ScalarKind.Text:
                writer.WriteStringValue(scalar.Text);
                break;
            case ScalarKind.Number:
                writer.WriteRawValue(scalar.Text);
                break;
            case ScalarKind.Null:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteBooleanValue(scalar.Kind == ScalarKind.True);
                break;
        }
    }
}
