using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Testing.Http;

/// <summary>The objects of a text of manifests, YAML or JSON, one or many documents, with lists taken apart.</summary>
internal static class ManifestObjects
{
    /// <exception cref="FormatException">The text cannot be read; the message names document and line.</exception>
    public static IReadOnlyList<JsonObject> Read(string manifests)
    {
        var objects = new List<JsonObject>();
        if (JsonDocumentReader.Accepts(manifests))
        {
            Read(new JsonDocumentReader(manifests), objects);
            return objects;
        }

        var number = 0;
        foreach (var (text, linesBefore) in YamlDocuments.Split(manifests))
        {
            var reader = new YamlDocumentReader(text, linesBefore, number);
            Read(reader, objects);
            number = reader.Number;
        }

        return objects;
    }

    public static JsonNode? ToJson(ManifestNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            NodeJson.Write(writer, node);
        }

        return JsonNode.Parse(buffer.WrittenSpan, documentOptions: new() { MaxDepth = 256 });
    }

    private static void Read(IDocumentReader reader, List<JsonObject> objects)
    {
        while (reader.Next() is { } document)
        {
            if (document.Faults is [var fault, ..])
            {
                throw new FormatException($"document {document.Number}, line {fault.Line}: {fault.Path}: {fault.Message}");
            }

            switch (ToJson(document.Root))
            {
                case null:
                    break;
                case JsonObject content:
                    Add(content, objects);
                    break;
                default:
                    throw new FormatException($"document {document.Number}: an object with apiVersion, kind and metadata is expected");
            }
        }

        if (reader.SyntaxFault is { } syntax)
        {
            throw new FormatException($"document {reader.Number}, line {syntax.Line}: {syntax.Message}");
        }
    }

    private static void Add(JsonObject content, List<JsonObject> objects)
    {
        if (content["kind"]?.GetValueKind() == JsonValueKind.String && content["kind"]!.GetValue<string>() is var kind
            && kind.EndsWith("List", StringComparison.Ordinal) && content["items"] is JsonArray items)
        {
            foreach (var item in items.OfType<JsonObject>())
            {
                var copy = item.DeepClone().AsObject();
                if (kind.Length > "List".Length)
                {
                    // The items of a typed list need not repeat what the list says.
                    copy["apiVersion"] ??= content["apiVersion"]?.DeepClone();
                    copy["kind"] ??= kind[..^"List".Length];
                }

                Add(copy, objects);
            }

            return;
        }

        objects.Add(content);
    }
}
