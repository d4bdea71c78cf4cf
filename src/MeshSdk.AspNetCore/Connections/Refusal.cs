namespace MeshSdk.AspNetCore.Connections;

/// <summary>Why a connection came to no call.</summary>
/// <param name="Cause">Of what kind that is.</param>
/// <param name="Reason">In words, as they follow the caller's address.</param>
internal sealed record Refusal(RefusalCause Cause, string Reason);

/// <summary>Kinds of reasons. The first are somebody's mistake; what follows the last of them is as likely a scan of ports.</summary>
internal enum RefusalCause
{
    /// <summary>The caller is nobody who is listened to.</summary>
    Certificate,

    /// <summary>This process has no identity to show.</summary>
    NoIdentity,

    /// <summary>It came in plaintext, where mutual TLS is asked for.</summary>
    Plaintext,

    /// <summary>It came by TLS, where plaintext is asked for.</summary>
    Tls,

    /// <summary>It showed no certificate.</summary>
    NoCertificate,

    /// <summary>The handshake came to no end.</summary>
    Handshake,

    /// <summary>Nothing came.</summary>
    Silence,
}
