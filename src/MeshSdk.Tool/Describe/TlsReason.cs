using MeshSdk.Model;

namespace MeshSdk.Tool.Describe;

/// <summary>Why an endpoint is spoken to in plaintext, or with which TLS.</summary>
internal static class TlsReason
{
    /// <param name="endpoint">What the policies of the mesh come to for it.</param>
    /// <param name="security">Whether that is kept to.</param>
    public static string Of(EndpointModel endpoint, MeshSecurity security)
    {
        var reason = endpoint.TlsReason.Length > 0 ? endpoint.TlsReason : "no policy says otherwise";
        return endpoint.Tls != TlsMode.None && security == MeshSecurity.Off ? $"--security is off; else {reason}" : reason;
    }
}
