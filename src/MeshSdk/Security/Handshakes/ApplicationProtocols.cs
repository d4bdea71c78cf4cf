using System.Net.Security;

namespace MeshSdk.Security.Handshakes;

/// <summary>
/// What clients offer in ALPN. A sidecar tells by the names of Istio's that it is to terminate TLS itself, and then picks the protocol behind them. The
/// name <c>istio-peer-exchange</c> is never offered: who picks it puts bytes before the first response that are no HTTP.
/// </summary>
internal static class ApplicationProtocols
{
    private static readonly SslApplicationProtocol Istio = new("istio");

    private static readonly List<SslApplicationProtocol> MeshHttp1 = [new("istio-http/1.1"), Istio, SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> MeshHttp2 = [new("istio-h2"), Istio, SslApplicationProtocol.Http2];
    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http2 = [SslApplicationProtocol.Http2];

    /// <summary>In order of preference. Only what will be spoken, for servers pick HTTP/2 wherever it is offered.</summary>
    public static List<SslApplicationProtocol> Offered(bool mesh, bool http2) => (mesh, http2) switch
    {
        (true, true) => MeshHttp2,
        (true, false) => MeshHttp1,
        (false, true) => Http2,
        (false, false) => Http1,
    };

    /// <summary>
    /// Why what was agreed on will not do; null where it will. The names of Istio's are as good as HTTP/1.1 to who speaks that; for HTTP/2 the HTTP stack
    /// goes by <c>h2</c> alone.
    /// </summary>
    public static string? Fault(SslApplicationProtocol negotiated, bool http2) => (http2, negotiated.Protocol.IsEmpty) switch
    {
        (true, true) => "agreed on no protocol (ALPN), where HTTP/2 over TLS needs h2",
        (true, false) when negotiated != SslApplicationProtocol.Http2 =>
            $"picked the protocol {PeerText.Clean(negotiated.ToString())} (ALPN), where HTTP/2 over TLS needs h2: let the server pick h2, which is offered too",
        (false, false) when !MeshHttp1.Contains(negotiated) => $"picked the protocol {PeerText.Clean(negotiated.ToString())} (ALPN), where HTTP/1.1 is spoken",
        _ => null,
    };
}
