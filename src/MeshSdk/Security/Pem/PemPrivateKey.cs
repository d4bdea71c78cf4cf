using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Pem;

/// <summary>
/// Joins a certificate and the private key of a PEM text: PKCS#8, SEC1 (<c>EC PRIVATE KEY</c>) or PKCS#1 (<c>RSA PRIVATE KEY</c>). Nothing of the key gets into
/// an error.
/// </summary>
internal static class PemPrivateKey
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";

    /// <exception cref="PemException">The text holds no key that can be used, or another one than the certificate is for.</exception>
    public static X509Certificate2 Join(X509Certificate2 certificate, ReadOnlySpan<byte> text, string source)
    {
        if (text.IndexOf("ENCRYPTED"u8) >= 0)
        {
            // PKCS#8 says so in its label, the older forms in a header.
            throw new PemException($"{source}: the private key is encrypted; nobody can enter a passphrase here, so give it unencrypted, readable for this process alone");
        }

        X509Certificate2? joined = null;
        string? refused = null;
        PemBlocks.Read(text, source, (label, content) =>
        {
            switch (label)
            {
                case "PRIVATE KEY" or "EC PRIVATE KEY" or "RSA PRIVATE KEY":
                    joined ??= Join(certificate, label, content, source);
                    break;
                case var other when other.EndsWith("PRIVATE KEY", StringComparison.Ordinal):
                    refused ??= other;
                    break;
            }
        });
        var problem = refused is null
            ? $"{source} holds no PEM private key"
            : $"{source}: a key of the form '{refused}' cannot be used; PKCS#8, SEC1 and PKCS#1 can";
        return joined ?? throw new PemException(problem) { MayPass = false };
    }

    private static X509Certificate2 Join(X509Certificate2 certificate, string label, ReadOnlySpan<byte> key, string source)
    {
        try
        {
            var algorithm = certificate.PublicKey.Oid.Value;
            return Usable((algorithm, label) switch
            {
                (EllipticCurve, not "RSA PRIVATE KEY") => JoinEllipticCurve(certificate, label, key),
                (Rsa, not "EC PRIVATE KEY") => JoinRsa(certificate, label, key),
                (EllipticCurve or Rsa, _) => throw new PemException($"{source}: the private key is of another sort than the certificate's, so it is not that of the certificate"),
                _ => throw new PemException($"{source}: keys of the algorithm {certificate.PublicKey.Oid.FriendlyName ?? algorithm} cannot be used; ECDSA and RSA can"),
            });
        }
        catch (ArgumentException)
        {
            // The cause would say no more, and this is met in every rotation that writes one file after the other.
            throw new PemException($"{source}: the private key is not that of the certificate");
        }
        catch (CryptographicException)
        {
            throw new PemException($"{source}: the private key cannot be read, or is not that of the certificate");
        }
    }

    private static X509Certificate2 JoinEllipticCurve(X509Certificate2 certificate, string label, ReadOnlySpan<byte> content)
    {
        using var key = ECDsa.Create();
        if (label == "EC PRIVATE KEY")
        {
            key.ImportECPrivateKey(content, out _);
        }
        else
        {
            key.ImportPkcs8PrivateKey(content, out _);
        }

        return certificate.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 JoinRsa(X509Certificate2 certificate, string label, ReadOnlySpan<byte> content)
    {
        using var key = RSA.Create();
        if (label == "RSA PRIVATE KEY")
        {
            key.ImportRSAPrivateKey(content, out _);
        }
        else
        {
            key.ImportPkcs8PrivateKey(content, out _);
        }

        return certificate.CopyWithPrivateKey(key);
    }

    // The TLS of Windows uses no key that is in this process alone: there it goes through the system's store of keys, which forgets it with the certificate.
    private static X509Certificate2 Usable(X509Certificate2 joined)
    {
        if (!OperatingSystem.IsWindows())
        {
            return joined;
        }

        using (joined)
        {
            var exported = joined.Export(X509ContentType.Pkcs12);
            try
            {
                return X509CertificateLoader.LoadPkcs12(exported, password: null);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(exported);
            }
        }
    }
}
