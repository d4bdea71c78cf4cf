using MeshSdk.Model;

namespace MeshSdk.Http.Filters;

/// <summary>
/// What a rewrite makes of a request's target. Paths are taken as they are on the wire: no escape is decoded and no dot segment removed, so that what
/// was matched is what is rewritten.
/// </summary>
internal static class PathRewriting
{
    // Uri would resolve dot segments and decode some escapes, which HTTP does not ask for.
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="rewrite">What to do.</param>
    /// <param name="matched">Path and query that the rule was found by: its prefix is what is replaced, whatever filters have made of the path since.</param>
    /// <param name="current">Path and query as they are now; the query stays.</param>
    public static string Apply(PathRewrite rewrite, string matched, string current)
    {
        var query = current.AsSpan(PathOf(current).Length);
        if (rewrite.Prefix is not { } prefix)
        {
            return string.Concat(rewrite.Value.Length == 0 ? "/" : rewrite.Value, query);
        }

        // By elements: what follows a prefix is nothing, or begins with a slash.
        var rest = PathOf(matched)[prefix.Length..];
        return rest.IsEmpty && rewrite.Value.Length == 0 ? string.Concat("/", query) : string.Concat(rewrite.Value, rest, query);
    }

    /// <summary>The URI with another path and query.</summary>
    public static Uri With(Uri uri, string pathAndQuery) => new($"{uri.Scheme}://{AuthorityOf(uri)}{pathAndQuery}", Verbatim);

    private static ReadOnlySpan<char> PathOf(string pathAndQuery)
    {
        var query = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? pathAndQuery : pathAndQuery.AsSpan(0, query);
    }

    private static string AuthorityOf(Uri uri)
    {
        var host = HostOf(uri);
        return uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
    }

    /// <summary>As it stands in a URI.</summary>
    public static string HostOf(Uri uri) => uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
}
