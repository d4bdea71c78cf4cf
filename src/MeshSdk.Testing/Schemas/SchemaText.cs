using System.Collections.Immutable;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>
/// Reads the kinds that the server brings itself from their <c>.schema</c> texts: a compact form of what a CRD file says, in which a field takes
/// a line (see <see cref="FieldText"/>), its own fields stand below it, two blanks deeper, and types are written once.
/// </summary>
/// <remarks>
/// <c>group NAME [custom]</c> opens a group, <c>type NAME = …</c> names a type for what follows, and
/// <c>kind KIND PLURAL VERSIONS [cluster] [status] [categories=…] [short=…] -- words</c> states a kind, whose <c>column NAME TYPE PATH [priority=1]</c> lines
/// come first. An underscore in a column's name is a blank.
/// </remarks>
internal sealed class SchemaText
{
    private readonly Dictionary<string, SchemaNode> _types = [];
    private readonly ImmutableArray<ResourceType>.Builder _kinds = ImmutableArray.CreateBuilder<ResourceType>();
    private (int Indent, string Text)[] _lines = [];
    private int _next;
    private string _group = "";
    private bool _isCustom;

    public ImmutableArray<ResourceType> Kinds => _kinds.ToImmutable();

    /// <summary>The metadata of every object.</summary>
    public SchemaNode Metadata => _types["ObjectMeta"];

    /// <summary>Adds a text to those read before, whose types it may use.</summary>
    public void Read(string text)
    {
        _lines = [.. text.Split('\n')
            .Where(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith('#'))
            .Select(line => ((line.Length - line.TrimStart(' ').Length) / 2, line.Trim()))];
        _next = 0;
        while (_next < _lines.Length)
        {
            var (_, line) = _lines[_next++];
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "group":
                    _group = words[1] == "core" ? "" : words[1];
                    _isCustom = words.Contains("custom");
                    break;
                case "type":
                    _types[words[1]] = Node(line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..], indent: 1);
                    break;
                case "kind":
                    Kind(line);
                    break;
                default:
                    throw new FormatException($"group, type or kind is expected, not: {line}");
            }
        }
    }

    private void Kind(string line)
    {
        var (head, description) = line.Split(" -- ", 2) is [var before, var after] ? (before, after) : (line, "");
        var words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var columns = Columns();
        var (fields, required) = Fields(indent: 1);
        var schema = KindSchema.Of(new SchemaNode { Type = "object", Description = description, Properties = fields, Required = required }, Metadata);
        foreach (var version in words[3].Split(','))
        {
            _kinds.Add(new ResourceType
            {
                Group = _group,
                Version = version,
                Kind = words[1],
                Plural = words[2],
                Singular = words[1].ToLowerInvariant(),
                ShortNames = List(words, "short="),
                Categories = List(words, "categories="),
                IsNamespaced = !words.Contains("cluster"),
                HasStatus = words.Contains("status"),
                IsCustom = _isCustom,
                Schema = schema,
                Columns = columns,
            });
        }
    }

    private static ImmutableArray<string> List(string[] words, string name) =>
        [.. words.Where(word => word.StartsWith(name, StringComparison.Ordinal)).SelectMany(word => word[name.Length..].Split(','))];

    private ImmutableArray<PrinterColumn> Columns()
    {
        var columns = ImmutableArray.CreateBuilder<PrinterColumn>();
        for (; _next < _lines.Length && _lines[_next].Text.StartsWith("column ", StringComparison.Ordinal); _next++)
        {
            var words = _lines[_next].Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            columns.Add(new PrinterColumn(words[1].Replace('_', ' '), words[2], words[3], Priority: words.Contains("priority=1") ? 1 : 0));
        }

        return columns.ToImmutable();
    }

    private (ImmutableSortedDictionary<string, SchemaNode> Fields, ImmutableArray<string> Required) Fields(int indent)
    {
        var fields = ImmutableSortedDictionary.CreateBuilder<string, SchemaNode>(StringComparer.Ordinal);
        var required = ImmutableArray.CreateBuilder<string>();
        while (_next < _lines.Length && _lines[_next].Indent >= indent)
        {
            var (depth, line) = _lines[_next++];
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (depth != indent || colon < 0)
            {
                throw new FormatException($"a field is expected here, not: {line}");
            }

            var name = line[..colon].TrimEnd('!');
            if (line[colon - 1] == '!')
            {
                required.Add(name);
            }

            fields.Add(name, Node(line[(colon + 2)..], indent + 1));
        }

        return (fields.ToImmutable(), required.ToImmutable());
    }

    private SchemaNode Node(string text, int indent)
    {
        var field = FieldText.Parse(text);
        var (fields, required) = Fields(indent);
        return field.Over(Type(field.Type, fields, required));
    }

    private SchemaNode Type(string name, ImmutableSortedDictionary<string, SchemaNode> fields, ImmutableArray<string> required) => name switch
    {
        ['[', .. var item, ']'] => new SchemaNode { Type = "array", Items = Type(item, fields, required) },
        ['{', .. var value, '}'] => new SchemaNode { Type = "object", AdditionalProperties = Type(value, fields, required) },
        "object" => new SchemaNode { Type = "object", Properties = fields, Required = required },
        "string" or "integer" or "number" or "boolean" => new SchemaNode { Type = name },
        "int-or-string" => new SchemaNode { IntOrString = true },
        "any" => new SchemaNode { PreserveUnknownFields = true },
        _ => _types.TryGetValue(name, out var type) ? type : throw new FormatException($"there is no type {name} yet"),
    };
}
