using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// Compiles the conditions of one match of a GRPCRoute to such on the path that a call of the method has: <c>/service/method</c>.
/// </summary>
internal sealed class GrpcMatchCompiler(MatchCompiler values, PatternCache patterns)
{
    private const string AnyElement = "[^/]+";

    /// <summary>The match for position <paramref name="rule"/>; null where it can never match.</summary>
    public RouteMatch? Compile(Resource route, GrpcRouteMatch? match, int rule, int index)
    {
        var subject = new MatchSubject(route, rule, index);
        if (match is null)
        {
            values.Reject(subject, "", MatchCompiler.NullEntry);
            return null;
        }

        var path = CompileMethod(subject, match.Method);
        var headers = values.CompileValues(subject, "headers", match.Headers.OrEmpty(), StringComparer.OrdinalIgnoreCase);
        return path is null || headers is null ? null : new RouteMatch { Rule = rule, Index = index, Path = path, Headers = headers.Value };
    }

    private PathMatch? CompileMethod(MatchSubject subject, GrpcMethodMatch? match)
    {
        if (match is null)
        {
            return PathMatch.Any;
        }

        // Nothing and an empty text mean the same.
        var service = string.IsNullOrEmpty(match.Service) ? null : match.Service;
        var method = string.IsNullOrEmpty(match.Method) ? null : match.Method;
        if (service is null && method is null)
        {
            values.Reject(subject, "method", "a service or a method is needed; to match every call leave the whole block out");
            return null;
        }

        switch (match.Type)
        {
            case null or "Exact":
                return HasValidNames(subject, service, method) ? Exact(service?.TrimStart('.'), method) : null;
            case "RegularExpression":
                return CompilePattern(subject, service, method);
            default:
                values.Reject(subject, "method.type", $"'{match.Type}' is not known; Exact and RegularExpression are");
                return null;
        }
    }

    private static PathMatch Exact(string? service, string? method) => (service, method) switch
    {
        (null, { } name) => new PathMatch(PathMatchKind.GrpcMethod, name),
        ({ } name, null) => new PathMatch(PathMatchKind.Prefix, $"/{name}"),
        _ => new PathMatch(PathMatchKind.Exact, $"/{service}/{method}"),
    };

    private bool HasValidNames(MatchSubject subject, string? service, string? method)
    {
        if (service is not null && !GrpcNames.IsService(service))
        {
            values.Reject(subject, "method.service", $"'{service}' is no name of a gRPC service, such as shop.Orders");
            return false;
        }

        if (method is not null && !GrpcNames.IsMethod(method))
        {
            values.Reject(subject, "method.method", $"'{method}' is no name of a gRPC method, such as PlaceOrder");
            return false;
        }

        return true;
    }

    private PathMatch? CompilePattern(MatchSubject subject, string? service, string? method)
    {
        // Each alone first, so that the one at fault can be named.
        if ((service is not null && values.CompilePattern(subject, "method.service", service) is null)
            || (method is not null && values.CompilePattern(subject, "method.method", method) is null))
        {
            return null;
        }

        var whole = $"/(?:{service ?? AnyElement})/(?:{method ?? AnyElement})";
        if (patterns.Get(whole) is { } pattern)
        {
            return new PathMatch(PathMatchKind.Regex, whole, pattern);
        }

        values.Reject(subject, "method", $"'{service}' and '{method}' make no pattern together");
        return null;
    }
}
