using MeshSdk.Model;

namespace MeshSdk.Routing.Matching;

/// <summary>Where one parameter stands in its text.</summary>
/// <param name="ValueStart">Behind the <c>=</c>; at the end where there is none.</param>
internal readonly record struct QueryParameter(int Start, int NameEnd, int ValueStart, int End);

/// <summary>A query, taken apart and decoded once for all conditions on it. The first of equal names counts.</summary>
internal readonly ref struct QueryParameters
{
    /// <summary>More parameters than this cost an allocation.</summary>
    public const int Usual = 24;

    /// <summary>A query with escapes that is longer costs an allocation.</summary>
    public const int UsualLength = 256;

    private readonly ReadOnlySpan<char> _text;
    private readonly ReadOnlySpan<QueryParameter> _parameters;

    /// <param name="query">As sent, without the question mark.</param>
    /// <param name="parameters">Room for the parameters, taken where it is enough.</param>
    /// <param name="decoded">Room for decoded text, taken where it is enough.</param>
    public QueryParameters(ReadOnlySpan<char> query, Span<QueryParameter> parameters, Span<char> decoded)
    {
        var count = query.Count('&') + 1;
        parameters = count <= parameters.Length ? parameters[..count] : new QueryParameter[count];
        if (!query.ContainsAny('%', '+'))
        {
            Divide(query, parameters);
            _text = query;
            _parameters = parameters;
            return;
        }

        decoded = query.Length <= decoded.Length ? decoded : new char[query.Length];
        Decode(query, parameters, decoded);
        _text = decoded;
        _parameters = parameters;
    }

    public bool TryGet(ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        foreach (ref readonly var parameter in _parameters)
        {
            if (_text[parameter.Start..parameter.NameEnd].SequenceEqual(name))
            {
                value = _text[parameter.ValueStart..parameter.End];
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Whether all conditions hold.</summary>
    public bool Satisfy(ReadOnlySpan<ValueMatch> conditions)
    {
        foreach (var condition in conditions)
        {
            if (!TryGet(condition.Name, out var value) || !ValueMatcher.Matches(condition, value))
            {
                return false;
            }
        }

        return true;
    }

    private static void Divide(ReadOnlySpan<char> query, Span<QueryParameter> parameters)
    {
        var start = 0;
        foreach (ref var parameter in parameters)
        {
            var length = query[start..].IndexOf('&');
            var end = length < 0 ? query.Length : start + length;
            var equals = query[start..end].IndexOf('=');
            parameter = equals < 0 ? new(start, end, end, end) : new(start, start + equals, start + equals + 1, end);
            start = end + 1;
        }
    }

    // What is encoded is not told apart from separators before it has been cut at them.
    private static void Decode(ReadOnlySpan<char> query, Span<QueryParameter> parameters, Span<char> decoded)
    {
        Divide(query, parameters);
        var length = 0;
        foreach (ref var parameter in parameters)
        {
            var start = length;
            length += FormText.Decode(query[parameter.Start..parameter.NameEnd], decoded[length..]);
            var nameEnd = length;
            length += FormText.Decode(query[parameter.ValueStart..parameter.End], decoded[length..]);
            parameter = new(start, nameEnd, nameEnd, length);
        }
    }
}
