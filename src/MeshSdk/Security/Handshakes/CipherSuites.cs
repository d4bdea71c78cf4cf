using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Authentication;

namespace MeshSdk.Security.Handshakes;

/// <summary>
/// By which suites members of a mesh speak TLS 1.2: those that Istio's servers offer, and their like with ChaCha20. Judged when the handshake is over, since a
/// <see cref="CipherSuitesPolicy"/> would switch the resumption of sessions off on Linux. Version 1.3 has no weak ones.
/// </summary>
internal static class CipherSuites
{
    private static readonly FrozenSet<TlsCipherSuite> Strong = FrozenSet.Create(
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256);

    /// <summary>Why what was agreed on will not do; null where it will.</summary>
    public static string? Fault(SslStream connection) => connection.SslProtocol == SslProtocols.Tls12 && !Strong.Contains(connection.NegotiatedCipherSuite)
        ? $"{(connection.IsServer ? "offers no better cipher suite than" : "picked the cipher suite")} {connection.NegotiatedCipherSuite}, which is too weak for a mesh"
        : null;
}
