using System.Text;
using System.Text.Json;

namespace MeshSdk.Sources.Manifests;

/// <summary>Reads JSON, one value or several after each other.</summary>
internal sealed class JsonDocumentReader : IDocumentReader
{
    // Our own bound on depth is tighter and says so in words; the reader's must only be out of its way.
    private static readonly JsonReaderOptions Options = new() { AllowMultipleValues = true, MaxDepth = 1000 };

    private readonly byte[] _json;
    private readonly FieldPath _path = new();
    private JsonReaderState _state = new(Options);
    private List<TextFault> _faults = [];
    private int _position;
    private int _countedTo;
    private int _line = 1;

    public JsonDocumentReader(string text) => _json = Encoding.UTF8.GetBytes(text);

    public TextFault? SyntaxFault { get; private set; }

    public int Number { get; private set; }

    public string Unread => Encoding.UTF8.GetString(_json, _position, _json.Length - _position);

    /// <summary>What starts like JSON may still be YAML in flow style; a look at the tokens tells, without building anything.</summary>
    public static bool Accepts(string text)
    {
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty || start[0] is not ('{' or '['))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), Options);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public ManifestDocument? Next()
    {
        if (SyntaxFault is not null)
        {
            return null;
        }

        var reader = new Utf8JsonReader(_json.AsSpan(_position), isFinalBlock: true, _state);
        try
        {
            if (!reader.Read())
            {
                return null;
            }

            Number++;
            _faults = [];
            var root = Node(ref reader, 0);
            _position += (int)reader.BytesConsumed;
            _state = reader.CurrentState;
            return new(Number, root, _faults);
        }
        catch (JsonException fault)
        {
            var column = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            var words = (column < 0 ? fault.Message : fault.Message[..column]).Replace(" Change the reader options.", "", StringComparison.Ordinal);
            SyntaxFault = new((int?)(fault.LineNumber + 1) ?? Line(ref reader), "", "this is not JSON: " + words.TrimEnd('.'));
        }
        catch (InvalidOperationException)
        {
            SyntaxFault = new(Line(ref reader), "", "this is not JSON: a text holds an escape sequence that is no character");
        }

        Number = Math.Max(1, Number);
        return null;
    }

    private ManifestNode Node(ref Utf8JsonReader reader, int depth)
    {
        var line = Line(ref reader);
        if (depth > ManifestLimits.Depth)
        {
            throw new JsonException($"values are nested more than {ManifestLimits.Depth} levels deep");
        }

        return reader.TokenType switch
        {
            JsonTokenType.StartObject => Mapping(ref reader, line, depth),
            JsonTokenType.StartArray => Sequence(ref reader, line, depth),
            JsonTokenType.String => new ScalarNode(line, ScalarKind.Text, reader.GetString()!),
            JsonTokenType.Number => NumberNode(ref reader, line),
            JsonTokenType.True => new ScalarNode(line, ScalarKind.True, "true"),
            JsonTokenType.False => new ScalarNode(line, ScalarKind.False, "false"),
            _ => new ScalarNode(line, ScalarKind.Null, "null"),
        };
    }

    private ScalarNode NumberNode(ref Utf8JsonReader reader, int line)
    {
        var text = Encoding.ASCII.GetString(reader.ValueSpan);
        var number = text.AsSpan().ContainsAny(".eE") ? YamlScalar.JsonNumber(text) : text;
        if (number is null)
        {
            Fault(line, $"{text} is a number that no field can hold");
        }

        return new(line, ScalarKind.Number, number ?? "0");
    }

    private SequenceNode Sequence(ref Utf8JsonReader reader, int line, int depth)
    {
        var items = new List<ManifestNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            _path.Push(items.Count);
            items.Add(Node(ref reader, depth + 1));
            _path.Pop();
        }

        return new(line, items);
    }

    private MappingNode Mapping(ref Utf8JsonReader reader, int line, int depth)
    {
        var mapping = new MappingBuilder();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            var keyLine = Line(ref reader);
            reader.Read();
            _path.Push(key);
            if (!mapping.TryAdd(key, Node(ref reader, depth + 1), keyLine))
            {
                Fault(keyLine, $"the key \"{key}\" comes twice in one mapping; keep one of them");
            }

            _path.Pop();
        }

        return mapping.Build(line);
    }

    private void Fault(int line, string message)
    {
        if (_faults.Count < ManifestLimits.Problems)
        {
            _faults.Add(new(line, _path.ToString(), message));
        }
    }

    /// <summary>The line that the reader stands on. Counted onwards from the last call, so that all calls together read the text once.</summary>
    private int Line(ref Utf8JsonReader reader)
    {
        var position = Math.Min(_json.Length, _position + (int)reader.TokenStartIndex);
        if (position > _countedTo)
        {
            _line += _json.AsSpan(_countedTo, position - _countedTo).Count((byte)'\n');
            _countedTo = position;
        }

        return _line;
    }
}
