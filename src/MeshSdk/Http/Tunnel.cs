using System.Net;

namespace MeshSdk.Http;

/// <summary>
/// Connections that become something else than HTTP: by an upgrade in HTTP/1.1, by CONNECT in HTTP/2, which is how it carries WebSockets (RFC 8441). They
/// last as long as both sides like, and nothing in them is a body.
/// </summary>
internal static class Tunnel
{
    /// <summary>Whether a request asks for one.</summary>
    public static bool IsAskedFor(HttpRequestMessage request) =>
        request.Method == HttpMethod.Connect || request.Headers.NonValidated.Contains("Upgrade");

    /// <summary>Whether a response is the beginning of one.</summary>
    public static bool Begins(HttpRequestMessage request, HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.SwitchingProtocols || (request.Method == HttpMethod.Connect && response.IsSuccessStatusCode);
}
