namespace MeshSdk.Security.Handshakes;

/// <summary>What peers say when they give up on a handshake (RFC 8446, 6.2), in plain words.</summary>
internal static class TlsAlerts
{
    public const byte CloseNotify = 0;

    public static string Describe(byte alert) => alert switch
    {
        CloseNotify => "closed the connection during the handshake",
        40 => "refused the handshake: no version, cipher suite or signature suits both sides, or it wants a certificate (alert 40, handshake_failure)",
        42 => "refused our certificate: it is broken (alert 42, bad_certificate)",
        43 => "refused our certificate: it is of a kind that it does not take (alert 43, unsupported_certificate)",
        44 => "refused our certificate: it is revoked (alert 44, certificate_revoked)",
        45 => "refused our certificate: it has expired or is not valid yet (alert 45, certificate_expired)",
        46 => "refused our certificate (alert 46, certificate_unknown)",
        48 => "refused our certificate: it does not know the authority that issued it (alert 48, unknown_ca)",
        49 => "refused us access (alert 49, access_denied)",
        70 => "speaks no version of TLS that is allowed here, which are 1.2 and 1.3, or 1.3 alone where that is required (alert 70, protocol_version)",
        71 => "wants more security than is offered (alert 71, insufficient_security)",
        112 => "does not know the name that was asked for (alert 112, unrecognized_name)",
        116 => "wants a certificate, and was shown none (alert 116, certificate_required)",
        120 => "speaks none of the protocols that were offered (alert 120, no_application_protocol)",
        _ => $"refused the handshake (alert {alert})",
    };
}
