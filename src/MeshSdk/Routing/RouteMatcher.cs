using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>
/// Finds the first condition set of a table that a request satisfies, by looking at one after the other: the fastest way for few, and the definition of
/// what <see cref="Matching.MatchIndex"/> finds among many.
/// </summary>
internal static class RouteMatcher
{
    public const int NoMatch = -1;

    /// <returns>The position in <see cref="RouteTable.Matches"/>, or <see cref="NoMatch"/>.</returns>
    public static int Match(RouteTable table, HttpRequestMessage request)
    {
        Divide(request, out var path, out var query);
        var matches = table.Matches;
        for (var i = 0; i < matches.Length; i++)
        {
            if (Matches(matches[i], request, path, query))
            {
                return i;
            }
        }

        return NoMatch;
    }

    public static void Divide(HttpRequestMessage request, out ReadOnlySpan<char> path, out ReadOnlySpan<char> query)
    {
        // PathAndQuery is what the transport sends, and it has to make that string anyway; AbsolutePath would be another one.
        var target = request.RequestUri!.PathAndQuery.AsSpan();
        var question = target.IndexOf('?');
        path = question < 0 ? target : target[..question];
        query = question < 0 ? default : target[(question + 1)..];
    }

    // Cheapest first.
    private static bool Matches(RouteMatch match, HttpRequestMessage request, ReadOnlySpan<char> path, ReadOnlySpan<char> query) =>
        PathMatches(match.Path, path)
        && (match.Method is null || string.Equals(match.Method, request.Method.Method, StringComparison.Ordinal))
        && HeaderMatcher.Matches(match.Headers.AsSpan(), request)
        && QueryMatcher.Matches(match.Query.AsSpan(), query);

    public static bool PathMatches(PathMatch match, ReadOnlySpan<char> path) => match.Kind switch
    {
        PathMatchKind.Exact => path.SequenceEqual(match.Value),
        PathMatchKind.Prefix => path.StartsWith(match.Value, StringComparison.Ordinal)
            && (path.Length == match.Value.Length || path[match.Value.Length] == '/'),
        PathMatchKind.GrpcMethod => IsOfMethod(match.Value, path),
        _ => match.Pattern is not null && match.Pattern.IsMatch(path),
    };

    private static bool IsOfMethod(string method, ReadOnlySpan<char> path)
    {
        var slash = path.LastIndexOf('/');
        return slash > 1 && path[0] == '/' && path[1..slash].IndexOf('/') < 0 && path[(slash + 1)..].SequenceEqual(method);
    }
}
