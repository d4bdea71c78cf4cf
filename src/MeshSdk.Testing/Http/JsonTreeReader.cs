using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Testing.Http;

/// <summary>
/// Builds a tree in which the last of several equal names counts, as for Kubernetes, and tells which there were. The parser of <see cref="JsonNode"/>
/// keeps silent about them and fails at the first access instead.
/// </summary>
internal ref struct JsonTreeReader
{
    private readonly FieldPath _path = new();
    private readonly List<string> _duplicates = [];
    private Utf8JsonReader _reader;

    /// <exception cref="JsonException">It is no JSON.</exception>
    public JsonTreeReader(ReadOnlySpan<byte> json)
    {
        _reader = new(json, new JsonReaderOptions { MaxDepth = 256 });
        _reader.Read();
        Root = Value();
        if (_reader.Read())
        {
            throw new JsonException("something follows the object");
        }
    }

    public JsonNode? Root { get; }

    public readonly IReadOnlyList<string> Duplicates => _duplicates;

    private JsonNode? Value() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => Object(),
        JsonTokenType.StartArray => Array(),
        JsonTokenType.Null => null,
        JsonTokenType.String => JsonValue.Create(_reader.GetString()),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        _ => JsonValue.Create(JsonElement.ParseValue(ref _reader)),
    };

    private JsonObject Object()
    {
        var result = new JsonObject();
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _reader.GetString()!;
            _path.Push(name);
            if (result.ContainsKey(name))
            {
                _duplicates.Add(_path.ToString());
            }

            _reader.Read();
            result[name] = Value();
            _path.Pop();
        }

        return result;
    }

    private JsonArray Array()
    {
        var result = new JsonArray();
        for (var i = 0; _reader.Read() && _reader.TokenType != JsonTokenType.EndArray; i++)
        {
            _path.Push(i);
            result.Add(Value());
            _path.Pop();
        }

        return result;
    }
}
