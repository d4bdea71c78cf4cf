using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Sources.Manifests;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>Reads a JSON body. Of fields that stand there twice the last one counts, as in Go, and the field is told.</summary>
internal static class ObjectReader
{
    private const int MostDepth = 200;

    /// <param name="duplicates">Paths of fields that stand there twice, as in <c>spec.ports[0].name</c>: for <see cref="ObjectSchema.Prepare"/>.</param>
    /// <exception cref="ApiException">400: it is no JSON object.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> json, out IReadOnlyList<string> duplicates)
    {
        var found = new List<string>();
        duplicates = found;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MostDepth });
            reader.Read();
            if (Value(ref reader, "", found) is not JsonObject content)
            {
                throw ApiException.BadRequest("the object provided is unrecognized: a JSON object is expected");
            }

            reader.Read();
            return content;
        }
        catch (JsonException exception)
        {
            throw ApiException.BadRequest("the object provided is unrecognized: " + exception.Message);
        }
    }

    /// <summary>Reads a YAML body of one document: those of server-side apply may be written so.</summary>
    /// <exception cref="ApiException">400: it is no YAML, or no object.</exception>
    public static JsonObject ReadYaml(string text)
    {
        var reader = new YamlDocumentReader(text);
        var document = reader.Next();
        if ((reader.SyntaxFault ?? (document?.Faults.Count > 0 ? document.Faults[0] : null)) is { } fault)
        {
            throw ApiException.BadRequest($"error decoding YAML: line {fault.Line}: {fault.Message}");
        }

        if (document is null)
        {
            throw ApiException.BadRequest("the object provided is unrecognized: the body is empty");
        }

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            NodeJson.Write(writer, document.Root);
        }

        return Read(json.WrittenSpan, out _);
    }

    private static JsonNode? Value(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var content = new JsonObject();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    var field = FieldPathText.Field(path, name);
                    reader.Read();
                    if (content.ContainsKey(name))
                    {
                        duplicates.Add(field);
                    }

                    content[name] = Value(ref reader, field, duplicates);
                }

                return content;
            case JsonTokenType.StartArray:
                var items = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Value(ref reader, FieldPathText.Item(path, items.Count), duplicates));
                }

                return items;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number:
                // An element gives itself as any type of number that it fits; a JsonValue made of a long would not be read as an int.
                return JsonValue.Create(JsonElement.ParseValue(ref reader));
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            default:
                return null;
        }
    }
}
