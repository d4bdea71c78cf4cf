namespace MeshSdk.Model;

/// <summary>Which connections a server takes.</summary>
internal enum PeerMode
{
    /// <summary>Both kinds are taken.</summary>
    Permissive,

    /// <summary>Mutual TLS and nothing else.</summary>
    Strict,

    /// <summary>Plaintext and nothing else.</summary>
    Disable,
}

/// <param name="Mode">What is asked for.</param>
/// <param name="Text">By whom, for people.</param>
internal sealed record StatedPeerMode(PeerMode Mode, string Text);
