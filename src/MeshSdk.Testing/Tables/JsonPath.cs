using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tables;

/// <summary>
/// The part of JSONPath that printer columns use: fields (<c>.a.b</c>, <c>['a.b']</c>, <c>.a\.b</c>), <c>[0]</c>, <c>[-1]</c>, <c>[*]</c> and filters that compare one
/// field with a text or number (<c>[?(@.type=="Ready")]</c>).
/// </summary>
internal sealed class JsonPath
{
    private readonly List<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps = [];
    private readonly string _text;
    private int _at;

    private JsonPath(string text) => _text = text;

    /// <summary>Null for what is none of this, whose column then stays empty.</summary>
    public static JsonPath? Parse(string text)
    {
        text = text.Trim();
        text = text.StartsWith('{') && text.EndsWith('}') ? text[1..^1] : text;
        var path = new JsonPath(text.TrimStart('$'));
        return path.Read() ? path : null;
    }

    public IReadOnlyList<JsonNode?> Find(JsonNode root)
    {
        IEnumerable<JsonNode?> found = [root];
        foreach (var step in _steps)
        {
            found = found.SelectMany(step);
        }

        return [.. found];
    }

    private bool Read()
    {
        while (_at < _text.Length)
        {
            var understood = _text[_at] switch
            {
                '.' => Name(),
                '[' => Bracket(),
                _ => false,
            };
            if (!understood)
            {
                return false;
            }
        }

        return true;
    }

    private bool Name()
    {
        _at++;
        var name = new StringBuilder();
        while (_at < _text.Length && _text[_at] is not ('.' or '['))
        {
            if (_text[_at] == '\\' && _at + 1 < _text.Length)
            {
                _at++;
            }

            name.Append(_text[_at++]);
        }

        if (name.Length == 0)
        {
            return _at < _text.Length && _text[_at] == '[';
        }

        Field(name.ToString());
        return true;
    }

    private bool Bracket()
    {
        if (_text.AsSpan(_at).StartsWith("[?("))
        {
            var close = _text.IndexOf(")]", _at, StringComparison.Ordinal);
            return close > 0 && Filter(_text[(_at + 3)..close]) && (_at = close + 2) > 0;
        }

        var end = _text.IndexOf(']', _at);
        if (end < 0)
        {
            return false;
        }

        var inside = _text[(_at + 1)..end];
        _at = end + 1;
        if (inside == "*")
        {
            _steps.Add(static node => node switch
            {
                JsonArray items => items,
                JsonObject content => content.Select(field => field.Value),
                _ => [],
            });
            return true;
        }

        if (Quoted(inside) is { } name)
        {
            Field(name);
            return true;
        }

        if (!int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            return false;
        }

        _steps.Add(node => node is JsonArray items && (index < 0 ? items.Count + index : index) is var at && at >= 0 && at < items.Count ? [items[at]] : []);
        return true;
    }

    private bool Filter(string condition)
    {
        var negated = condition.Contains("!=", StringComparison.Ordinal);
        var sides = condition.Split(negated ? "!=" : "==", 2, StringSplitOptions.TrimEntries);
        if (sides.Length != 2 || !sides[0].StartsWith('@') || Parse(sides[0][1..]) is not { } field)
        {
            return false;
        }

        var wanted = Quoted(sides[1]) ?? sides[1];
        _steps.Add(node => node is JsonArray items
            ? items.Where(item => item is not null && field.Find(item).Any(value => (PlainJson.String(value) ?? PlainJson.Text(value)) == wanted) != negated)
            : []);
        return true;
    }

    private void Field(string name) =>
        _steps.Add(node => node is JsonObject content && content.TryGetPropertyValue(name, out var value) && value is not null ? [value] : []);

    private static string? Quoted(string text) =>
        text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] ? text[1..^1] : null;
}
