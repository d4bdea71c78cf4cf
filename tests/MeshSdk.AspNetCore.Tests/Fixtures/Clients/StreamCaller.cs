using System.Net.Security;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>Bytes over a socket, with a list in ALPN of one's own.</summary>
/// <param name="http1">What is offered where HTTP/1.1 is to be spoken; none: no ALPN.</param>
/// <param name="http2">What is offered where HTTP/2 is to be spoken.</param>
/// <param name="scheme">What HTTP/2 says of its scheme over TLS; sidecars say <c>http</c>.</param>
internal sealed class StreamCaller(string[] http1, string[] http2, string scheme) : ICaller
{
    /// <summary>As an Istio sidecar calls.</summary>
    public static StreamCaller Sidecar { get; } = new(["istio-http/1.1", "istio", "http/1.1"], ["istio-h2", "istio", "h2"], "http");

    /// <summary>As gRPC's own libraries call, those that have their configuration by xDS among them.</summary>
    public static StreamCaller BareHttp2 { get; } = new([], ["h2"], "https");

    /// <summary>As clients call that know nothing of ALPN.</summary>
    public static StreamCaller WithoutAlpn { get; } = new([], [], "https");

    public Task<Answer> CallAsync(Call call) => Refusal.OrAnswerAsync(async () =>
    {
        await using Stream connection = call.IsSecure
            ? await Dial.TlsAsync(call.Server, call.Certificate, call.ShowsCertificate, call.IsHttp2 ? http2 : http1)
            : await Dial.PlaintextAsync(call.Server);
        var agreed = (connection as SslStream)?.NegotiatedApplicationProtocol.ToString() is { Length: > 0 } name ? name : null;
        if (!call.IsHttp2)
        {
            return await Http1.GetAsync(connection, call.Path) with { Agreed = agreed };
        }

        var http = new Http2(connection);
        await http.OpenAsync();
        try
        {
            return await http.SendAsync(Http2.HeadOf(call.Path, call.IsGrpc, call.IsSecure ? scheme : "http"), call.IsGrpc) with { Agreed = agreed };
        }
        catch (IOException) when (http.HasHeard)
        {
            return new Answer("the server has spoken HTTP/2, and then ended the connection");
        }
    });
}
