using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MeshSdk.Sources.Manifests;

/// <summary>Reads a text within an object that is itself YAML, of which JSON is a part.</summary>
internal static class YamlText
{
    /// <summary>Reads the one document of a text; an empty one is an empty mapping.</summary>
    /// <param name="text">As it stands in the object.</param>
    /// <param name="json">What it says.</param>
    /// <param name="problem">Why it cannot be read.</param>
    public static bool TryRead(string text, out JsonElement json, [NotNullWhen(false)] out string? problem)
    {
        json = default;
        if (text.Length > ManifestLimits.Aliases)
        {
            problem = $"it is longer than {ManifestLimits.Aliases} characters";
            return false;
        }

        var reader = new YamlDocumentReader(text);
        var document = reader.Next();
        var fault = reader.SyntaxFault ?? (document?.Faults is [var first, ..] ? first : Rest(reader));
        if (fault is not null)
        {
            problem = $"line {fault.Line}: {(fault.Path.Length == 0 ? "" : $"{fault.Path}: ")}{fault.Message}";
            return false;
        }

        problem = null;
        var root = document?.Root is null or ScalarNode { Kind: ScalarKind.Null } ? new MappingNode(1, []) : document.Root;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            NodeJson.Write(writer, root);
        }

        using var parsed = JsonDocument.Parse(buffer.WrittenMemory);
        json = parsed.RootElement.Clone();
        return true;
    }

    /// <summary>What is wrong behind the first document; null where nothing is there.</summary>
    private static TextFault? Rest(YamlDocumentReader reader) =>
        reader.Next() is { } second ? new TextFault(second.Root.Line, "", "there is a second document") : reader.SyntaxFault;
}
