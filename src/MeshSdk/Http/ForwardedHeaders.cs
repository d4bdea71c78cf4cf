namespace MeshSdk.Http;

/// <summary>
/// What proxies tell the next one of the caller, on the way out of an application that has no proxy: the certificate that somebody showed, which nobody did
/// here, and the scheme of the call.
/// </summary>
internal static class ForwardedHeaders
{
    public const string ClientCertificate = "x-forwarded-client-cert";
    public const string Scheme = "x-forwarded-proto";

    /// <summary>
    /// Takes away what says who the caller is: servers believe it of a mesh, and everybody can write it down. As a sidecar does, and on every call, for
    /// a server in plaintext may believe it too.
    /// </summary>
    public static void Sanitize(HttpRequestMessage request, ref RequestJournal journal)
    {
        if (Has(request, ClientCertificate))
        {
            journal.Backup.Keep(ClientCertificate);
            request.Headers.Remove(ClientCertificate);
            request.Content?.Headers.Remove(ClientCertificate);
        }
    }

    /// <summary>Whether a header is on either side of a message: what is among the headers of a body goes out just as well.</summary>
    public static bool Has(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.Contains(name) || (request.Content is { } content && content.Headers.NonValidated.Contains(name));

    /// <summary>The scheme that the application has called by, whatever lies under it.</summary>
    public static string SchemeOf(Uri uri) => ProtocolChoice.IsSecure(uri) ? "https" : "http";
}
