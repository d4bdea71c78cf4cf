using MeshSdk.Security.Trust;
using MeshSdk.Security.Verification;

namespace MeshSdk.Security.Handshakes;

/// <summary>With what one handshake is gone into.</summary>
internal sealed record HandshakeTerms
{
    /// <summary>Sent as SNI, unless it is an address.</summary>
    public required string ServerName { get; init; }

    /// <summary>Whom the peer has to prove to be.</summary>
    public required PeerCheck Check { get; init; }

    /// <summary>What we show; null: nothing.</summary>
    public ClientCertificate? Certificate { get; init; }

    /// <summary>Who vouches for the peer, where a policy says who; else null.</summary>
    public TrustAnchors? Anchors { get; init; }

    /// <summary>The sessions that were begun with that certificate.</summary>
    public required TlsSessions Sessions { get; init; }

    /// <summary>Whether one of them may be taken up again.</summary>
    public required bool MayResume { get; init; }
}
