using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>What stands behind a field's name in a <c>.schema</c> text: a type, its attributes, and words for <c>kubectl explain</c>.</summary>
/// <remarks>
/// A type is <c>object</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, <c>int-or-string</c>, <c>any</c>, the name of a type,
/// <c>[T]</c> for a list or <c>{T}</c> for a map. Attributes: <c>= JSON</c> (default), <c>enum(A|B)</c>, <c>pattern=/…/</c>, <c>key(a,b)</c>
/// or <c>set</c> (list types), <c>atomic</c>, <c>open</c> (unknown fields stay), <c>nullable</c>, <c>allOf=JSON</c>, <c>oneOf=JSON</c>, and
/// <c>name=value</c> for the rest of OpenAPI (<c>maxLength=63</c>).
/// </remarks>
internal sealed class FieldText
{
    private readonly string _text;
    private readonly JsonObject _facets = [];
    private int _at;

    private FieldText(string text)
    {
        _text = text;
        Type = Word();
    }

    public string Type { get; }

    public string Description { get; private set; } = "";

    public static FieldText Parse(string text)
    {
        var field = new FieldText(text.Trim());
        field.Node = field.Attributes(new SchemaNode());
        return field;
    }

    /// <summary>Everything but what the type itself says.</summary>
    private SchemaNode Node { get; set; } = new();

    /// <summary>Lays the attributes over what the type says.</summary>
    public SchemaNode Over(SchemaNode type)
    {
        var facets = type.Facets?.DeepClone().AsObject() ?? [];
        foreach (var (name, value) in _facets)
        {
            facets[name] = value?.DeepClone();
        }

        return type with
        {
            Description = Description.Length > 0 ? Description : type.Description,
            Default = Node.Default ?? type.Default,
            PreserveUnknownFields = Node.PreserveUnknownFields || type.PreserveUnknownFields,
            Nullable = Node.Nullable || type.Nullable,
            ListType = Node.ListType.Length > 0 && type.Type == "array" ? Node.ListType : type.ListType,
            ListMapKeys = Node.ListMapKeys.IsEmpty ? type.ListMapKeys : Node.ListMapKeys,
            MapType = Node.MapType.Length > 0 && type.Type == "object" ? Node.MapType : type.MapType,
            AllOf = Node.AllOf.IsEmpty ? type.AllOf : Node.AllOf,
            OneOf = Node.OneOf.IsEmpty ? type.OneOf : Node.OneOf,
            Facets = facets.Count > 0 ? facets : null,
        };
    }

    private SchemaNode Attributes(SchemaNode node)
    {
        while (Skip())
        {
            if (Take("-- "))
            {
                Description = _text[_at..];
                return node;
            }

            node = Take("= ") ? node with { Default = Json() }
                : Take("allOf=") ? node with { AllOf = Schemas() }
                : Take("oneOf=") ? node with { OneOf = Schemas() }
                : Take("pattern=/") ? Facet(node, "pattern", Pattern())
                : Plain(node, Word());
        }

        return node;
    }

    private SchemaNode Plain(SchemaNode node, string word)
    {
        if (Inside(word, "enum(") is { } values)
        {
            return Facet(node, "enum", new JsonArray([.. values.Split('|').Select(Scalar)]));
        }

        if (Inside(word, "key(") is { } keys)
        {
            return node with { ListType = "map", ListMapKeys = [.. keys.Split(',')] };
        }

        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return word switch
        {
            "set" => node with { ListType = "set" },
            "atomic" => node with { ListType = "atomic", MapType = "atomic" },
            "open" => node with { PreserveUnknownFields = true },
            "nullable" => node with { Nullable = true },
            _ when equals > 0 => Facet(node, word[..equals], Scalar(word[(equals + 1)..])),
            _ => throw new FormatException($"'{word}' is no attribute: {_text}"),
        };
    }

    private SchemaNode Facet(SchemaNode node, string name, JsonNode value)
    {
        _facets[name] = value;
        return node;
    }

    private static JsonNode Scalar(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(text);

    private static string? Inside(string word, string opening) =>
        word.StartsWith(opening, StringComparison.Ordinal) && word.EndsWith(')') ? word[opening.Length..^1] : null;

    private bool Skip()
    {
        while (_at < _text.Length && _text[_at] == ' ')
        {
            _at++;
        }

        return _at < _text.Length;
    }

    private bool Take(string text)
    {
        if (string.CompareOrdinal(_text, _at, text, 0, text.Length) != 0)
        {
            return false;
        }

        _at += text.Length;
        return true;
    }

    private string Word()
    {
        var start = _at;
        var end = _text.IndexOf(' ', start);
        _at = end < 0 ? _text.Length : end;
        return _text[start.._at];
    }

    /// <summary>A pattern may hold slashes and blanks; it ends at the first slash that a blank or the line's end follows.</summary>
    private string Pattern()
    {
        var start = _at;
        var end = _text.IndexOf("/ ", start, StringComparison.Ordinal);
        end = end < 0 ? _text.Length - 1 : end;
        _at = end + 1;
        return _text[start..end];
    }

    private JsonNode? Json()
    {
        var bytes = Encoding.UTF8.GetBytes(_text[_at..]);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true });
        var value = JsonNode.Parse(ref reader);
        _at += Encoding.UTF8.GetCharCount(bytes.AsSpan(0, (int)reader.BytesConsumed));
        return value;
    }

    private ImmutableArray<SchemaNode> Schemas() => [.. Json()!.AsArray().Select(schema => SchemaJson.Read(schema!.AsObject()))];
}
