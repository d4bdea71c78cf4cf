using System.Net;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// The HTTP version that a request goes out as. What the service's port declares decides, as behind a sidecar; a caller that insists on
/// HTTP/2 (gRPC does) gets it, since its call means nothing in HTTP/1.1, and so does one that asks for an upgrade, which only HTTP/1.1 has. Where
/// a policy says so it is the version that the caller's message states, as it came. Over the mesh's TLS the same is decided in the same way, whatever the
/// scheme of the URI: the mesh offers what was decided for, and nothing else.
/// </summary>
internal static class ProtocolChoice
{
    /// <param name="request">What is to be sent.</param>
    /// <param name="cluster">What its endpoints speak.</param>
    /// <param name="overMeshTls">Whether it goes out over the mesh's TLS.</param>
    public static HttpProtocol For(HttpRequestMessage request, ClusterProtocol cluster, bool overMeshTls)
    {
        if (request.Version.Major >= 2
            && (request.VersionPolicy != HttpVersionPolicy.RequestVersionOrLower || (!overMeshTls && IsSecure(request.RequestUri!))))
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
    public static void Apply(HttpProtocol protocol, HttpRequestMessage request, bool overMeshTls, ref RequestJournal journal)
    {
        var major = request.Version.Major;
        if (overMeshTls)
        {
            // Nothing is left to be settled by the handshake.
            if (protocol == HttpProtocol.Http2)
            {
                journal.SetVersion(HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
            }
            else if (major >= 2 || (request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher && IsSecure(request.RequestUri!)))
            {
                journal.SetVersion(major >= 2 ? HttpVersion.Version11 : request.Version, HttpVersionPolicy.RequestVersionOrLower);
            }
        }
        else if (protocol == HttpProtocol.Http1)
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

    /// <summary>Whether the application itself has called for TLS.</summary>
    public static bool IsSecure(Uri uri) => uri.Scheme is "https" or "wss";
}
