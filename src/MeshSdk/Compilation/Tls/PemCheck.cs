using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>
/// Tells whether what an object holds can be used at all, so that people hear of it when they write it and not with the first call. Never repeats any of it.
/// </summary>
internal static class PemCheck
{
    /// <summary>What is wrong with certificates of authorities, for people; null where nothing is.</summary>
    public static string? FaultOfAuthorities(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
            return certificates.Count == 0 ? "holds no certificate in PEM" : null;
        }
        catch (CryptographicException)
        {
            return "holds a certificate that cannot be read";
        }
        finally
        {
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }

    /// <summary>
    /// Of a new version of what an object holds the parts that can be used, and in the place of those that cannot the last ones that could, as those who read
    /// files have it. Lists of revoked certificates go with the authorities that they are of.
    /// </summary>
    public static CertificateData Keep(CertificateData? last, CertificateData next)
    {
        var isTrusted = next.Authorities is { } authorities && FaultOfAuthorities(authorities) is null;
        var isShown = next.Credential is { } credential && FaultOf(credential) is null;
        if (last is null || (isTrusted && isShown))
        {
            return next;
        }

        var (trust, shown) = (isTrusted ? next : last, isShown ? next : last);
        return new CertificateData
        {
            CaCrt = trust.CaCrt,
            CaCert = trust.CaCert,
            CaCrl = trust.CaCrl,
            Crl = trust.Crl,
            TlsCrt = shown.TlsCrt,
            Cert = shown.Cert,
            TlsKey = shown.TlsKey,
            Key = shown.Key,
        };
    }

    /// <summary>What is wrong with a certificate and its key, for people; null where nothing is.</summary>
    public static string? FaultOf(TlsCredential credential)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(credential.Certificate, credential.Key!.Value);
            return null;
        }
        catch (CryptographicException)
        {
            return "holds a certificate and a private key that cannot be read, or do not belong together";
        }
        catch (ArgumentException)
        {
            return "holds a certificate and a private key that do not belong together";
        }
    }
}
