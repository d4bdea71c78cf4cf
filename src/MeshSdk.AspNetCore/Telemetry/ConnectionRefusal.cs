namespace MeshSdk.AspNetCore.Telemetry;

/// <summary>Why a connection was refused.</summary>
internal enum ConnectionRefusal
{
    /// <summary>It was plaintext, and mutual TLS is asked for.</summary>
    Strict,

    /// <summary>It was TLS, and plaintext is asked for.</summary>
    Disabled,

    /// <summary>The caller has shown no certificate, or one that is not accepted.</summary>
    Certificate,

    /// <summary>TLS came to nothing for another reason.</summary>
    Handshake,

    /// <summary>Nothing, or no whole handshake, came in time.</summary>
    Timeout,
}
