using MeshSdk;

namespace CanaryDemo;

/// <summary>How backends begin.</summary>
/// <param name="Mode">Which connections they take where no PeerAuthentication says so.</param>
/// <param name="HasIdentity">Whether they have a certificate, and their pods the label that tells clients to come by mutual TLS.</param>
internal sealed record Fleet(PeerAuthenticationMode Mode, bool HasIdentity)
{
    /// <summary>They answer mutual TLS and nothing else.</summary>
    public static Fleet Secured { get; } = new(PeerAuthenticationMode.Strict, HasIdentity: true);

    /// <summary>They know of no TLS.</summary>
    public static Fleet Plaintext { get; } = new(PeerAuthenticationMode.Permissive, HasIdentity: false);
}
