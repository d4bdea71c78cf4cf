using System.Net.Sockets;
using MeshSdk.Model;

namespace MeshSdk.Security.Handshakes;

/// <summary>Puts into words what became of the handshake with one peer: who, what was asked of it, and what it did.</summary>
/// <param name="connection">To the peer.</param>
/// <param name="tls">What is asked of it.</param>
/// <param name="dialledName">What it is called where it has no address.</param>
internal sealed class HandshakeReport(Stream connection, ClusterTls tls, string dialledName)
{
    // Asked at once: a connection that has ended has no other side any more.
    private readonly string _peer = connection is NetworkStream { Socket.RemoteEndPoint: { } remote } ? remote.ToString()! : dialledName;

    /// <summary>Whose certificate is shown, for people; null: none is.</summary>
    public string? Shown { get; init; }

    public bool ShowedCertificate => Shown is not null;

    /// <summary>It is not whom it should be.</summary>
    public PeerRejectedException Rejected(string refusal) => new($"{_peer} is not whom {Asker} asks for: {refusal}");

    /// <summary>It does what does not go with what is asked.</summary>
    public PeerRejectedException Failed(string what) => new($"{_peer} {what}; {Asker} asks for {Mode}");

    /// <summary>The handshake did not come to its end.</summary>
    public Exception Broken(HandshakeTap tap, Exception error)
    {
        if (tap.IsPlaintext)
        {
            return new PeerRejectedException($"{_peer} does not speak TLS, though {Asker} asks for {Mode}; it answered '{tap.Beginning}'");
        }

        if (tap.Alert is { } alert and not TlsAlerts.CloseNotify)
        {
            return Failed($"{TlsAlerts.Describe(alert)}{(Shown is null ? "" : $"; ours is {Shown}")}");
        }

        if (tap.HasEnded || tap.Alert is not null)
        {
            return new IOException(
                $"{_peer} closed the connection {(tap.HasAnswered ? "in the middle of" : "at the beginning of")} the TLS handshake; {Asker} asks for {Mode}"
                + (tap.HasAnswered ? "" : ", which it may not speak"));
        }

        return error is IOException && error.GetBaseException() is SocketException socket
            ? new IOException($"{_peer} broke the connection off during the TLS handshake ({socket.SocketErrorCode}); {Asker} asks for {Mode}", error)
            : Failed($"does not get through a TLS handshake: {PeerText.Clean(error.GetBaseException().Message)}");
    }

    /// <summary>What followed the handshake was an alert.</summary>
    public PeerRejectedException Refused(Exception error) => new(
        $"{_peer} refused {(Shown is null ? "the connection, to which we showed no certificate" : $"our certificate {Shown}")}: {PeerText.Clean(error.GetBaseException().Message)}");

    /// <summary>The connection came to an end in place of an answer.</summary>
    /// <param name="asked">Whether there was anything to answer: a request, or the beginning of an HTTP/2 connection.</param>
    public PeerRejectedException LeftUnanswered(bool asked) => new(
        $"{_peer} closed the connection {(asked ? "without an answer to its first request" : "as soon as the handshake was over")}, "
        + $"as a server does that refuses our certificate {Shown} (or one that fails)")
    {
        MayHaveSent = asked,
    };

    private string Asker => tls.Source.Length > 0 ? tls.Source : "its policy";

    private string Mode => tls.Mode switch
    {
        TlsMode.Istio => "ISTIO_MUTUAL",
        TlsMode.Mutual => "MUTUAL TLS",
        _ => "SIMPLE TLS",
    };
}
