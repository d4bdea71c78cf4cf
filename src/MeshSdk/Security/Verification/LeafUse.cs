using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Verification;

/// <summary>Whether a certificate is one that an endpoint of TLS may show (RFC 5280, 4.2.1; X509-SVID, 4): no authority's, and made for such use.</summary>
internal static class LeafUse
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string AnyUse = "2.5.29.37.0";

    private const X509KeyUsageFlags OfAuthorities = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign;

    /// <returns>Null where it is; else what is wrong, for people.</returns>
    public static string? Fault(X509Certificate2 leaf, PeerRole role = PeerRole.Server)
    {
        var (wanted, name) = role == PeerRole.Server ? (ServerAuthentication, "serverAuth") : (ClientAuthentication, "clientAuth");
        foreach (var extension in leaf.Extensions)
        {
            switch (extension)
            {
                case X509BasicConstraintsExtension { CertificateAuthority: true }:
                    return "its certificate is one of an authority (basic constraints say CA), which no endpoint may show as its own";
                case X509KeyUsageExtension usage when (usage.KeyUsages & OfAuthorities) != 0:
                    return $"its certificate is one of an authority (key usage {usage.KeyUsages}), which no endpoint may show as its own";
                case X509KeyUsageExtension usage when (usage.KeyUsages & X509KeyUsageFlags.DigitalSignature) == 0:
                    return $"its certificate is not for TLS: key usage {usage.KeyUsages} lacks digitalSignature";
                case X509EnhancedKeyUsageExtension usage when !IsFor(usage, wanted):
                    return $"its certificate is not for {(role == PeerRole.Server ? "servers" : "clients")}: extended key usage {Describe(usage)} lacks {name} ({wanted})";
            }
        }

        return null;
    }

    private static bool IsFor(X509EnhancedKeyUsageExtension usage, string wanted)
    {
        foreach (var use in usage.EnhancedKeyUsages)
        {
            if (use.Value == wanted || use.Value == AnyUse)
            {
                return true;
            }
        }

        return false;
    }

    private static string Describe(X509EnhancedKeyUsageExtension usage) =>
        string.Join(", ", usage.EnhancedKeyUsages.Cast<Oid>().Select(static use => use.Value));
}
