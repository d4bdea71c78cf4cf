using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>The order in which matches are tried.</summary>
internal static class RoutePrecedence
{
    /// <summary>
    /// Older routes first; a route without a time, as files have them, counts as the oldest. Then by <c>namespace/name</c>, as one string.
    /// </summary>
    public static int CompareRoutes(HttpRoute left, HttpRoute right)
    {
        var byAge = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
        return byAge != 0
            ? byAge
            : string.CompareOrdinal(
                $"{left.Metadata.Namespace}/{left.Metadata.Name}",
                $"{right.Metadata.Namespace}/{right.Metadata.Name}");
    }

    /// <summary>
    /// Exact paths, then prefixes, then patterns, the longer first; then those with a method; then by the number of header and of query
    /// conditions. Zero where only the routes and positions that the matches come from can tell.
    /// </summary>
    public static int CompareMatches(RouteMatch left, RouteMatch right)
    {
        var order = left.Path.Kind.CompareTo(right.Path.Kind);
        if (order == 0)
        {
            order = right.Path.Value.Length.CompareTo(left.Path.Value.Length);
        }

        if (order == 0)
        {
            order = (left.Method is null).CompareTo(right.Method is null);
        }

        if (order == 0)
        {
            order = right.Headers.Length.CompareTo(left.Headers.Length);
        }

        return order != 0 ? order : right.Query.Length.CompareTo(left.Query.Length);
    }
}
