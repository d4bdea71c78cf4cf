using MeshSdk.Routing;

namespace MeshSdk.Http;

/// <summary>
/// Sends every alias of a service over the same connections. The pool of a handler is chosen by the authority in the URI, so an alias borrows the
/// canonical one there, and keeps its own in Host.
/// </summary>
internal static class CanonicalUri
{
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public static void Apply(HttpRequestMessage request, Frontend frontend, ref RequestJournal journal)
    {
        var uri = request.RequestUri!;
        var host = uri.IdnHost;
        var canonical = frontend.CanonicalHost(host);

        // Over the caller's own TLS the name in the URI is the one that is verified.
        if (!string.Equals(host, canonical, StringComparison.Ordinal) && uri.Scheme is "http" or "ws")
        {
            var bracketed = canonical.Contains(':', StringComparison.Ordinal) ? $"[{canonical}]" : canonical;
            var port = uri.IsDefaultPort ? "" : $":{uri.Port}";
            journal.SetUri(new Uri($"{uri.Scheme}://{bracketed}{port}{uri.PathAndQuery}", Verbatim));
        }
    }
}
