using MeshSdk.Model;

namespace MeshSdk.Http.Filters;

/// <summary>Where a redirect sends the caller: always an absolute URI, with the query that the request has.</summary>
internal static class LocationBuilder
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    /// <param name="redirect">What to do.</param>
    /// <param name="uri">Where the request would go now.</param>
    /// <param name="hostHeader">Its Host header; null where it takes the host from the URI.</param>
    /// <param name="matched">See <see cref="PathRewriting.Apply"/>.</param>
    public static string Build(RedirectFilter redirect, Uri uri, string? hostHeader, string matched)
    {
        var scheme = redirect.Scheme ?? uri.Scheme;
        var host = redirect.Host ?? (string.IsNullOrEmpty(hostHeader) ? PathRewriting.HostOf(uri) : WithoutPort(hostHeader));
        var port = redirect.Port ?? (redirect.Scheme is null ? uri.Port : DefaultPort(scheme));
        var target = redirect.Path is null ? uri.PathAndQuery : PathRewriting.Apply(redirect.Path, matched, uri.PathAndQuery);
        return port == DefaultPort(scheme) ? $"{scheme}://{host}{target}" : $"{scheme}://{host}:{port}{target}";
    }

    private static int DefaultPort(string scheme) => scheme is "https" or "wss" ? HttpsPort : HttpPort;

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }
}
