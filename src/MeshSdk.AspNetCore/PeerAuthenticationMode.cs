namespace MeshSdk;

/// <summary>Which connections a server takes, as Istio's PeerAuthentication has it.</summary>
public enum PeerAuthenticationMode
{
    /// <summary>Mutual TLS and plaintext, at the same port.</summary>
    Permissive,

    /// <summary>Mutual TLS alone; plaintext is refused.</summary>
    Strict,

    /// <summary>Plaintext alone; TLS is refused.</summary>
    Disable,
}
