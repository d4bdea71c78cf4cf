namespace MeshSdk;

/// <summary>How endpoints are spoken to for which no DestinationRule states a TLS mode.</summary>
public enum MeshAutoMtls
{
    /// <summary>
    /// By mutual TLS where their pods can do it. A process that has no identity, and none to wait for, sends in plaintext to those that accept it (no
    /// PeerAuthentication says STRICT), and warns once.
    /// </summary>
    WhenIdentity,

    /// <summary>By mutual TLS where their pods can do it; a process without an identity does not call them.</summary>
    Require,

    /// <summary>In plaintext, unless a DestinationRule states a mode.</summary>
    Off,
}
