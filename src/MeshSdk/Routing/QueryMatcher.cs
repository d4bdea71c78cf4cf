using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>
/// Conditions on query parameters, which are read as a form: <c>+</c> is a space, percent sequences are decoded, and the first of equal names counts.
/// </summary>
internal static class QueryMatcher
{
    public static bool Matches(ReadOnlySpan<ValueMatch> conditions, ReadOnlySpan<char> query)
    {
        foreach (var condition in conditions)
        {
            if (!Matches(condition, query))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Matches(ValueMatch condition, ReadOnlySpan<char> query)
    {
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            if (Decoded(name).SequenceEqual(condition.Name))
            {
                return ValueMatcher.Matches(condition, equals < 0 ? default : Decoded(pair[(equals + 1)..]));
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> Decoded(ReadOnlySpan<char> text) =>
        text.ContainsAny('%', '+') ? WebUtility.UrlDecode(text.ToString()) : text;
}
