using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>The order in which matches are tried.</summary>
internal static class RoutePrecedence
{
    /// <summary>
    /// Older routes first; a route without a time, as files have them, counts as the oldest. Then by <c>namespace/name</c>, as one string.
    /// </summary>
    public static int CompareRoutes(RouteResource left, RouteResource right)
    {
        var byAge = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
        return byAge != 0
            ? byAge
            : string.CompareOrdinal(
                $"{left.Metadata.Namespace}/{left.Metadata.Name}",
                $"{right.Metadata.Namespace}/{right.Metadata.Name}");
    }

    /// <summary>
    /// Of a GRPCRoute: those with the longer service, then those with the longer method, then by the number of header conditions. Zero where only the
    /// routes and positions that the matches come from can tell.
    /// </summary>
    public static int CompareGrpcMatches((RouteMatch Match, GrpcSpecificity Specificity) left, (RouteMatch Match, GrpcSpecificity Specificity) right)
    {
        var order = right.Specificity.Service.CompareTo(left.Specificity.Service);
        if (order == 0)
        {
            order = right.Specificity.Method.CompareTo(left.Specificity.Method);
        }

        return order != 0 ? order : right.Match.Headers.Length.CompareTo(left.Match.Headers.Length);
    }

    /// <summary>
    /// Of an HTTPRoute: exact paths, then prefixes, then patterns, the longer first; then those with a method; then by the number of header and of query
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
