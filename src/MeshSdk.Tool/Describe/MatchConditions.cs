using MeshSdk.Model;

namespace MeshSdk.Tool.Describe;

/// <summary>The conditions of a match in one line, in the look that Istio's describe command has for them.</summary>
internal static class MatchConditions
{
    public static string Of(RouteMatch match)
    {
        string?[] clauses =
        [
            match.Method is { } method ? $"method is {method}" : null,
            match.Headers.IsEmpty ? null : $"headers are {string.Join("; ", match.Headers.Select(ValueOf))}",
            match.Query.IsEmpty ? null : $"query parameters are {string.Join("; ", match.Query.Select(ValueOf))}",
        ];
        var conditions = string.Join(" and ", clauses.OfType<string>());
        return PathOf(match.Path) + (conditions.Length == 0 ? "" : $" when {conditions}");
    }

    /// <summary>The same for all matches that hold for exactly the same requests, as far as their wording tells.</summary>
    public static string KeyOf(RouteMatch match) => string.Join(
        '\n',
        [
            $"{match.Path.Kind} {match.Path.Value}",
            match.Method ?? "",
            .. match.Headers.Select(static header => $"header {header.Name.ToLowerInvariant()} {ValueOf(header)[header.Name.Length..]}").Order(StringComparer.Ordinal),
            .. match.Query.Select(static parameter => $"query {ValueOf(parameter)}").Order(StringComparer.Ordinal),
        ]);

    private static string PathOf(PathMatch path) => path.Kind switch
    {
        PathMatchKind.Exact => path.Value,
        PathMatchKind.Prefix => path.Value.Length == 0 ? "/*" : $"{path.Value}*",
        PathMatchKind.GrpcMethod => $"/*/{path.Value}",
        _ => $"~{path.Value}",
    };

    private static string ValueOf(ValueMatch match) => $"{match.Name}{(match.Pattern is null ? "=" : "=~")}{match.Value}";
}
