using MeshSdk.Routing;
using MeshSdk.Security;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// Sends every alias of a service over the same connections. The pool of a handler is chosen by the authority in the URI, so an alias borrows the
/// canonical one there, and keeps its own in Host. And HTTP/2 over the mesh's TLS has to be called <c>https</c>, for that is what the HTTP stack then sends
/// as <c>:scheme</c>, which servers compare with the connection; HTTP/1.1 sends none, and keeps its URI.
/// </summary>
/// <remarks>
/// Over TLS the HTTP stack keeps connections apart by the name in Host too, and public API offers no way to share them. So of HTTP/2 over TLS
/// an endpoint has one connection for each name of its service that it is called by, and those for other names are bounded: see <see cref="ForeignConnections"/>.
/// </remarks>
internal static class CanonicalUri
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="request">Whose URI it is.</param>
    /// <param name="frontend">What it calls.</param>
    /// <param name="protocol">What it is sent as.</param>
    /// <param name="tls">The mesh's TLS; null: none.</param>
    /// <param name="keepsHost">Whether the name stays the one that was dialled in any case.</param>
    /// <param name="journal">What is changed.</param>
    public static void Apply(
        HttpRequestMessage request, Frontend frontend, HttpProtocol protocol, EndpointTls? tls, bool keepsHost, ref RequestJournal journal)
    {
        var uri = request.RequestUri!;
        if (ProtocolChoice.IsSecure(uri))
        {
            // The name in the URI is the one that the caller's own TLS verifies. Over the mesh's nothing would be gained by another, see above.
            return;
        }

        var host = uri.IdnHost;
        var canonical = keepsHost || tls is { UsesDialledName: true } ? host : frontend.CanonicalHost(host);
        var isAlias = !string.Equals(host, canonical, StringComparison.Ordinal);
        if (tls is not null && protocol == HttpProtocol.Http2)
        {
            // Each scheme leaves out a port of its own. One that was left out stays so, and :authority as it was, without a Host that would have to say it. That
            // the two ports may then share connections does no harm: they are to one endpoint.
            var isLost = uri.Port == HttpsPort && !uri.IsDefaultPort;
            var port = uri.IsDefaultPort ? HttpsPort : uri.Port;
            var secured = frontend.Uris.GetOrAdd(uri.Scheme == "ws" ? "wss" : "https", canonical, port, uri.PathAndQuery, Create);
            journal.SetUri(secured, isAlias || isLost ? Authority(host, uri) : null);
        }
        else if (isAlias)
        {
            journal.SetUri(frontend.Uris.GetOrAdd(uri.Scheme, canonical, uri.Port, uri.PathAndQuery, Create), Authority(host, uri));
        }
    }

    private static Uri Create(string scheme, string host, int port, string pathAndQuery)
    {
        var isDefault = port == (scheme is "https" or "wss" ? HttpsPort : HttpPort);
        return new Uri(isDefault ? $"{scheme}://{Bracketed(host)}{pathAndQuery}" : $"{scheme}://{Bracketed(host)}:{port}{pathAndQuery}", Verbatim);
    }

    private static string Authority(string host, Uri uri) => uri.IsDefaultPort ? Bracketed(host) : $"{Bracketed(host)}:{uri.Port}";

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
}
