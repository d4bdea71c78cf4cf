using System.Globalization;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Storage;

/// <summary>A label selector: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k,l&gt;1</c>; all requirements have to hold.</summary>
internal sealed class LabelSelector
{
    private readonly Requirement[] _requirements;

    private LabelSelector(Requirement[] requirements) => _requirements = requirements;

    private enum Operator
    {
        Exists,
        DoesNotExist,
        In,
        NotIn,
        GreaterThan,
        LessThan,
    }

    public static LabelSelector Everything { get; } = new([]);

    public bool IsEverything => _requirements.Length == 0;

    /// <exception cref="ApiException">400: it cannot be read.</exception>
    public static LabelSelector Parse(string? text) => string.IsNullOrWhiteSpace(text) ? Everything : new([.. new Parser(text).Requirements()]);

    public bool Matches(IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Holds(Find(labels, requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    private static string? Find(IReadOnlyList<KeyValuePair<string, string>> labels, string key)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i].Key == key)
            {
                return labels[i].Value;
            }
        }

        return null;
    }

    private sealed record Requirement(string Key, Operator Operator, string[] Values)
    {
        /// <summary>A label that is absent satisfies what is said in the negative, as in Kubernetes.</summary>
        public bool Holds(string? value) => Operator switch
        {
            Operator.Exists => value is not null,
            Operator.DoesNotExist => value is null,
            Operator.In => value is not null && Values.AsSpan().Contains(value),
            Operator.NotIn => value is null || !Values.AsSpan().Contains(value),
            Operator.GreaterThan => long.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > Bound,
            _ => long.TryParse(value, CultureInfo.InvariantCulture, out var number) && number < Bound,
        };

        private long Bound => long.Parse(Values[0], CultureInfo.InvariantCulture);
    }

    private sealed class Parser(string text)
    {
        private const string Signs = ",=!()<>";

        private int _position;

        public IEnumerable<Requirement> Requirements()
        {
            while (true)
            {
                yield return Next();
                if (Peek() == '\0')
                {
                    yield break;
                }

                Expect(',');
            }
        }

        private Requirement Next()
        {
            if (Take('!'))
            {
                return new(Key(), Operator.DoesNotExist, []);
            }

            var key = Key();
            switch (Peek())
            {
                case '=':
                    Expect('=');
                    Take('=');
                    return new(key, Operator.In, [Word()]);
                case '!':
                    Expect('!');
                    Expect('=');
                    return new(key, Operator.NotIn, [Word()]);
                case '<' or '>':
                    var isGreater = Take('>') || !Take('<');
                    var bound = Word();
                    return long.TryParse(bound, CultureInfo.InvariantCulture, out _)
                        ? new(key, isGreater ? Operator.GreaterThan : Operator.LessThan, [bound])
                        : throw Unreadable($"\"{bound}\" is no integer");
                case ',' or '\0':
                    return new(key, Operator.Exists, []);
                default:
                    return Word() switch
                    {
                        "in" => new(key, Operator.In, Set()),
                        "notin" => new(key, Operator.NotIn, Set()),
                        var word => throw Unreadable($"found '{word}', expected: in, notin, =, ==, !=, gt, lt"),
                    };
            }
        }

        private string Key() => Word() is { Length: > 0 } key ? key : throw Unreadable($"found '{Peek()}', expected: !, identifier");

        private string[] Set()
        {
            Expect('(');
            var values = new List<string>();
            do
            {
                values.Add(Word());
            }
            while (Take(','));

            Expect(')');
            return [.. values];
        }

        /// <summary>Possibly empty, for <c>a=</c> asks for the empty value.</summary>
        private string Word()
        {
            Peek();
            var start = _position;
            while (_position < text.Length && !char.IsWhiteSpace(text[_position]) && !Signs.Contains(text[_position]))
            {
                _position++;
            }

            return text[start.._position];
        }

        private char Peek()
        {
            while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            {
                _position++;
            }

            return _position < text.Length ? text[_position] : '\0';
        }

        private bool Take(char expected)
        {
            if (Peek() != expected)
            {
                return false;
            }

            _position++;
            return true;
        }

        private void Expect(char expected)
        {
            if (!Take(expected))
            {
                throw Unreadable($"found '{Peek()}', expected: '{expected}'");
            }
        }

        private ApiException Unreadable(string problem) => ApiException.BadRequest($"unable to parse requirement: {problem} in \"{text}\"");
    }
}
