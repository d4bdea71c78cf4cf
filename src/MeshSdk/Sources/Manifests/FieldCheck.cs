using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MeshSdk.Resources;

namespace MeshSdk.Sources.Manifests;

/// <summary>
/// Compares a tree with the fields of a record and names every value of the wrong type. Runs only when an object could not be read: the
/// deserializer stops at the first fault and speaks of .NET types.
/// </summary>
internal sealed class FieldCheck
{
    private readonly JsonSerializerOptions _options;
    private readonly FieldPath _path = new();
    private readonly List<TextFault> _faults = [];

    private FieldCheck(JsonSerializerOptions options) => _options = options;

    public static IReadOnlyList<TextFault> Find(JsonTypeInfo type, ManifestNode node)
    {
        var check = new FieldCheck(type.Options);
        check.Value(type.Type, nullable: false, node);
        return check._faults;
    }

    private void Value(Type type, bool nullable, ManifestNode node)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            (type, nullable) = (underlying, true);
        }

        if (type == typeof(JsonElement) || (nullable && node is ScalarNode { Kind: ScalarKind.Null }))
        {
            return;
        }

        if (ExpectedScalar(type) is { } expected)
        {
            if (!Fits(type, node))
            {
                var isTooLarge = type == typeof(int)
                    && node is ScalarNode { Kind: ScalarKind.Number, Text: var number }
                    && number.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0;
                Fault(node, isTooLarge ? $"{expected} from {int.MinValue} to {int.MaxValue}" : expected, type == typeof(string));
            }

            return;
        }

        if (type == typeof(Dictionary<string, string>))
        {
            Mapping(node, _ => (typeof(string), true));
            return;
        }

        var info = _options.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                Mapping(node, key => info.Properties.FirstOrDefault(property => property.Name == key) is { } property && property.Set is not null
                    ? (property.PropertyType, property.IsSetNullable && !property.PropertyType.IsValueType)
                    : null);
                break;
            case JsonTypeInfoKind.Dictionary:
                Mapping(node, _ => (info.ElementType!, false));
                break;
            case JsonTypeInfoKind.Enumerable:
                List(info.ElementType!, node);
                break;
        }
    }

    private void Mapping(ManifestNode node, Func<string, (Type Type, bool Nullable)?> typeOf)
    {
        if (node is not MappingNode mapping)
        {
            Fault(node, "a mapping of fields", textExpected: false);
            return;
        }

        foreach (var (key, value) in mapping.Entries)
        {
            if (typeOf(key) is not var (type, nullable))
            {
                continue;
            }

            _path.Push(key);
            Value(type, nullable, value);
            _path.Pop();
        }
    }

    private void List(Type itemType, ManifestNode node)
    {
        if (node is not SequenceNode sequence)
        {
            Fault(node, "a list", textExpected: false);
            return;
        }

        for (var i = 0; i < sequence.Items.Count; i++)
        {
            _path.Push(i);
            Value(itemType, nullable: false, sequence.Items[i]);
            _path.Pop();
        }
    }

    private static string? ExpectedScalar(Type type) =>
        type == typeof(string) ? "a text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type == typeof(IntOrString) ? "a number or a name"
        : type == typeof(DateTimeOffset) ? "a time as in 2026-01-31T12:00:00Z"
        : null;

    private static bool Fits(Type type, ManifestNode node)
    {
        if (node is not ScalarNode { Kind: var kind, Text: var text })
        {
            return false;
        }

        return type == typeof(string) ? kind == ScalarKind.Text
            : type == typeof(bool) ? kind is ScalarKind.True or ScalarKind.False
            : type == typeof(int) ? kind == ScalarKind.Number && IsInt(text)
            : type == typeof(long) ? kind == ScalarKind.Number && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            : type == typeof(double) ? kind == ScalarKind.Number
            : type == typeof(IntOrString) ? kind == ScalarKind.Text || (kind == ScalarKind.Number && IsInt(text))
            : kind == ScalarKind.Text && IsTime(text);

        static bool IsInt(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

        // The deserializer's own reading, which is narrower than that of DateTimeOffset.
        static bool IsTime(string text) => JsonEncodedText.Encode(text) is var encoded
            && new Utf8JsonReader([(byte)'"', .. encoded.EncodedUtf8Bytes, (byte)'"']) is var reader
            && reader.Read() && reader.TryGetDateTimeOffset(out _);
    }

    private void Fault(ManifestNode node, string expected, bool textExpected) =>
        _faults.Add(new(node.Line, _path.ToString(), $"{expected} is expected, found {Found(node)}{Advice(node, textExpected)}"));

    private static string Found(ManifestNode node) => node switch
    {
        MappingNode => "a mapping",
        SequenceNode => "a list",
        ScalarNode { Kind: ScalarKind.Null } => "nothing",
        ScalarNode { Kind: ScalarKind.Number, Text: var text } => $"the number {text}",
        ScalarNode { Kind: ScalarKind.Text, Text: var text } => $"the text \"{Short(text)}\"",
        ScalarNode { Kind: var kind, Text: var text } => (kind == ScalarKind.True ? "true" : "false") is var word && word == text
            ? word
            : $"{word} (written as {text})",
        _ => "something else",
    };

    private static string Advice(ManifestNode node, bool textExpected) => node switch
    {
        ScalarNode { Kind: ScalarKind.Number or ScalarKind.True or ScalarKind.False } when textExpected => "; put it in quotes",
        ScalarNode { Kind: ScalarKind.Text, Text: var text } when !textExpected && YamlScalar.Resolve(1, text, plain: true, tag: null) is
        { Kind: ScalarKind.Number or ScalarKind.True or ScalarKind.False } => "; write it without quotes",
        _ => "",
    };

    private static string Short(string text)
    {
        var line = text.AsSpan().Trim().IndexOfAny('\r', '\n') is var end && end >= 0 ? text.Trim()[..end] + " …" : text;
        return line.Length <= 60 ? line : line[..57] + "…";
    }
}
