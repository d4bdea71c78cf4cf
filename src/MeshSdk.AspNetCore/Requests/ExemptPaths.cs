using Microsoft.AspNetCore.Http;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>What is answered to everyone at the ports for probes and scrapes: some paths and what is below them.</summary>
internal sealed class ExemptPaths(IList<string> paths)
{
    private static readonly string[] Defaults = ["/health", "/healthz", "/livez", "/readyz", "/metrics"];

    private readonly PathString[] _paths = [.. (paths.Count > 0 ? paths : Defaults).Select(static path => new PathString(path.TrimEnd('/')))];

    /// <param name="path">As the server has read it: decoded, and without dots.</param>
    public bool Hold(PathString path)
    {
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
}
