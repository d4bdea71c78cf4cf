using System.Globalization;
using MeshSdk.Model;

namespace MeshSdk.Tool.Describe;

/// <summary>A filter in one line.</summary>
internal static class FilterText
{
    public static string Of(RouteFilter filter) => filter switch
    {
        HeaderFilter headers => $"{headers.Direction.ToString().ToLowerInvariant()} headers: {string.Join("; ", ChangesOf(headers))}",
        RewriteFilter rewrite => $"rewrite: {string.Join(", ", PartsOf(rewrite.Host, rewrite.Path))}",
        RedirectFilter redirect => $"redirect {redirect.Status}: {string.Join(", ", PartsOf(redirect))}",
        MirrorFilter mirror => string.Create(
            CultureInfo.InvariantCulture, $"mirror {100.0 * mirror.Numerator / mirror.Denominator:0.##}% to {mirror.Target.Cluster}"),
        CorsFilter cors => $"CORS: origins {(cors.AllowOrigins.IsEmpty ? "none" : string.Join(", ", cors.AllowOrigins))}"
            + $"{(cors.AllowMethods.IsEmpty ? "" : $"; methods {string.Join(", ", cors.AllowMethods)}")}{(cors.AllowCredentials ? "; with credentials" : "")}",
        ExtensionFilter extension => $"extension: {extension.Reference.Kind} {extension.Reference.Name}",
        _ => filter.GetType().Name,
    };

    private static IEnumerable<string> ChangesOf(HeaderFilter headers) =>
        headers.Set.Select(static header => $"set {header.Name}={header.Value}")
            .Concat(headers.Add.Select(static header => $"add {header.Name}={header.Value}"))
            .Concat(headers.Remove.Select(static name => $"remove {name}"));

    private static IEnumerable<string> PartsOf(RedirectFilter redirect)
    {
        string?[] parts =
        [
            redirect.Scheme is { } scheme ? $"scheme {scheme}" : null,
            redirect.Port is { } port ? $"port {port}" : null,
            .. PartsOf(redirect.Host, redirect.Path),
        ];
        return parts.OfType<string>().DefaultIfEmpty("to the same URI");
    }

    private static IEnumerable<string> PartsOf(string? host, PathRewrite? path)
    {
        if (host is not null)
        {
            yield return $"host {host}";
        }

        if (path is { } rewrite)
        {
            var value = rewrite.Value.Length == 0 ? "/" : rewrite.Value;
            yield return rewrite.Prefix is null ? $"path {value}" : $"path {(rewrite.Prefix.Length == 0 ? "/" : rewrite.Prefix)}* to {value}*";
        }
    }
}
