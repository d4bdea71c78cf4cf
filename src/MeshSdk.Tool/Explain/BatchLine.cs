using System.Collections.Immutable;
using System.Text.Json;
using MeshSdk.Tool.CommandLine;

namespace MeshSdk.Tool.Explain;

/// <summary>One line of a batch: a request, and the caller where it is not the command line's.</summary>
internal sealed record BatchLine(MeshRequest Request, string? Namespace, IReadOnlyDictionary<string, string>? Labels)
{
    /// <exception cref="FormatException">The line is no request; the message says why.</exception>
    public static BatchLine Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new FormatException($"not a JSON object: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // The one thing that a parsed document still refuses: half of a surrogate pair.
            throw new FormatException($"not a JSON object: {e.Message}", e);
        }
        catch (UsageException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static BatchLine Read(JsonElement line)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("not a JSON object");
        }

        var url = Text(line, "url") ?? throw new FormatException("url: is missing");
        var request = MeshRequest.Create(RequestMethod.Check("method", Text(line, "method")), url, ReadHeaders(line), Text(line, "grpc"));
        return new BatchLine(request, MeshOptionsCheck.CheckedNamespace("namespace", Text(line, "namespace")), ReadLabels(line));
    }

    private static string? Text(JsonElement line, string name) => Member(line, name) is { } value ? StringOf(value, name) : null;

    private static string StringOf(JsonElement value, string name) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new FormatException($"{name}: a string is expected");

    private static ImmutableArray<KeyValuePair<string, string>> ReadHeaders(JsonElement line)
    {
        const string Name = "headers";
        return Member(line, Name) switch
        {
            null => [],
            { ValueKind: JsonValueKind.Object } map => [.. map.EnumerateObject().Select(static p => KeyValuePair.Create(p.Name, StringOf(p.Value, Name)))],
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(static pair => Pair(pair, Name))],
            _ => throw new FormatException("headers: an object or a list of [name, value] pairs is expected"),
        };
    }

    private static KeyValuePair<string, string> Pair(JsonElement pair, string name) =>
        pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
            ? KeyValuePair.Create(StringOf(pair[0], name), StringOf(pair[1], name))
            : throw new FormatException($"{name}: each entry of the list is expected to be a [name, value] pair");

    private static Dictionary<string, string>? ReadLabels(JsonElement line)
    {
        const string Name = "labels";
        return Member(line, Name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } list => LabelList.Parse(Name, list.GetString()!),
            { ValueKind: JsonValueKind.Object } map => LabelsOf(map),
            _ => throw new FormatException("labels: an object is expected"),
        };
    }

    private static Dictionary<string, string> LabelsOf(JsonElement map)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in map.EnumerateObject())
        {
            // Of two the later one, as JSON readers have it.
            labels[label.Name] = StringOf(label.Value, "labels");
        }

        return labels;
    }

    /// <summary>A member that is there and not null.</summary>
    private static JsonElement? Member(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
