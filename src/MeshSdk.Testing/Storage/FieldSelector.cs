using System.Text;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Storage;

/// <summary>A field selector: <c>metadata.name=a,status.phase!=Running</c>, with <c>\</c> before a comma, an equals sign or itself.</summary>
internal sealed class FieldSelector
{
    private const int Name = -1;
    private const int Namespace = -2;
    private const int Custom = -3;

    private readonly Term[] _terms;

    private FieldSelector(Term[] terms) => _terms = terms;

    public static FieldSelector Everything { get; } = new([]);

    public bool IsEverything => _terms.Length == 0;

    /// <summary>The one name that can match; null where several can.</summary>
    public string? SingleName => Array.Find(_terms, term => term is { Field: Name, IsNegative: false })?.Value;

    /// <exception cref="ApiException">400: it cannot be read, or the kind cannot be selected by such a field.</exception>
    public static FieldSelector Parse(ResourceType type, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Everything;
        }

        var terms = new List<Term>();
        foreach (var part in Split(text))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw ApiException.BadRequest($"invalid field selector: \"{part}\"; can't understand it");
            }

            var isNegative = part[equals - 1] == '!';
            var field = part[..(isNegative ? equals - 1 : equals)];
            var value = part[(equals + 1)..];
            terms.Add(new(FieldOf(type, field), field, isNegative, Unescape(!isNegative && value.StartsWith('=') ? value[1..] : value)));
        }

        return new([.. terms]);
    }

    public bool Matches(StoredObject candidate)
    {
        foreach (var term in _terms)
        {
            var value = term.Field switch
            {
                Name => candidate.Key.Name,
                Namespace => candidate.Key.Namespace,
                Custom => SelectableFields.Read(candidate, term.Path),
                var index => candidate.Fields[index],
            };
            if (value == term.Value == term.IsNegative)
            {
                return false;
            }
        }

        return true;
    }

    private static int FieldOf(ResourceType type, string field) => field switch
    {
        "metadata.name" => Name,
        "metadata.namespace" => Namespace,
        _ when type.SelectableFields.Contains(field) => Custom,
        _ => SelectableFields.IndexOf(type, field) is >= 0 and var index ? index : throw ApiException.BadRequest($"field label not supported: {field}"),
    };

    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal))
        {
            return value;
        }

        var plain = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && (++i == value.Length || value[i] is not ('\\' or ',' or '=')))
            {
                throw ApiException.BadRequest($"invalid field selector: invalid escape sequence in \"{value}\"");
            }

            plain.Append(value[i]);
        }

        return plain.ToString();
    }

    private sealed record Term(int Field, string Path, bool IsNegative, string Value);
}
