using System.Net;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// The HTTP version that a request goes out as. What the service's port declares decides, as behind a sidecar; a caller that insists on
/// HTTP/2 (gRPC does) gets it, since its call means nothing in HTTP/1.1, and so does one that asks for an upgrade, which only HTTP/1.1 has. Where
/// a policy says so it is the version that the caller's message states, as it came.
/// </summary>
internal static class ProtocolChoice
{
    public static HttpProtocol For(HttpRequestMessage request, ClusterProtocol cluster)
    {
        if (request.Version.Major >= 2 && (request.VersionPolicy != HttpVersionPolicy.RequestVersionOrLower || IsSecure(request.RequestUri!)))
        {
            return HttpProtocol.Http2;
        }

        if (cluster == ClusterProtocol.Caller)
        {
            return request.Version.Major >= 2 ? HttpProtocol.Http2 : HttpProtocol.Http1;
        }

        return cluster == ClusterProtocol.Http2 && !request.Headers.NonValidated.Contains("Upgrade") ? HttpProtocol.Http2 : HttpProtocol.Http1;
    }

    /// <summary>Makes the message ask for what the handler speaks.</summary>
    public static void Apply(HttpProtocol protocol, HttpRequestMessage request, ref RequestJournal journal)
    {
        var major = request.Version.Major;
        if (protocol == HttpProtocol.Http1)
        {
            if (major >= 2)
            {
                journal.SetVersion(HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower);
            }
        }
        else if (major != 2 || (request.VersionPolicy == HttpVersionPolicy.RequestVersionOrLower && !IsSecure(request.RequestUri!)))
        {
            // Over the caller's own TLS the handshake may still settle on less, where the caller allows that.
            var settles = IsSecure(request.RequestUri!) || request.VersionPolicy != HttpVersionPolicy.RequestVersionOrLower;
            journal.SetVersion(HttpVersion.Version20, major > 2 && settles ? request.VersionPolicy : HttpVersionPolicy.RequestVersionExact);
        }
    }

    private static bool IsSecure(Uri uri) => uri.Scheme is "https" or "wss";
}
