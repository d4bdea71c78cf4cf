using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>
/// What is answered to everyone at the ports for probes and scrapes: some paths and what is below them. A path that somebody could read as another one is
/// none of these, since no probe has any need of one.
/// </summary>
internal sealed class ExemptPaths(IList<string> paths)
{
    private static readonly string[] Defaults = ["/health", "/healthz", "/livez", "/readyz", "/metrics"];
    private static readonly SearchValues<char> Ambiguous = SearchValues.Create(@"%\");

    private readonly PathString[] _paths = [.. (paths.Count > 0 ? paths : Defaults).Select(static path => new PathString(path.TrimEnd('/')))];

    public bool Hold(HttpContext context)
    {
        // Both what was sent and what was made of it: servers resolve dots in some forms of a target and leave them in others.
        var path = context.Request.Path;
        if (!IsPlain(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) || !IsPlain(path.Value))
        {
            return false;
        }

        foreach (var allowed in _paths)
        {
            // "/health" and "/health/live", not "/healthier".
            if (path.StartsWithSegments(allowed, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="target">With or without a query.</param>
    private static bool IsPlain(ReadOnlySpan<char> target)
    {
        var path = target.IndexOf('?') is >= 0 and var query ? target[..query] : target;
        if (path is not ['/', ..] || path.ContainsAny(Ambiguous))
        {
            return false;
        }

        foreach (var segment in path.Split('/'))
        {
            if (path[segment] is "." or "..")
            {
                return false;
            }
        }

        return true;
    }
}
