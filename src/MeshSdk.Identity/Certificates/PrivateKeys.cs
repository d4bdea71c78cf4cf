using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Identity.Certificates;

/// <summary>Puts a certificate and its key together. What is wrong with a key is never told in the words of those who read it: they might quote it.</summary>
internal static class PrivateKeys
{
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string Rsa = "1.2.840.113549.1.1.1";

    /// <param name="certificate">Without a key.</param>
    /// <param name="pkcs8">DER.</param>
    /// <exception cref="IdentitySourceException">The key cannot be read, or is not that of the certificate.</exception>
    public static X509Certificate2 Join(X509Certificate2 certificate, ReadOnlySpan<byte> pkcs8)
    {
        try
        {
            using AsymmetricAlgorithm key = certificate.GetKeyAlgorithm() switch
            {
                EllipticCurve => ECDsa.Create(),
                Rsa => RSA.Create(),
                var other => throw new IdentitySourceException($"the key of its certificate is of a kind (OID {other}) that this library cannot use: it takes ECDSA and RSA"),
            };
            key.ImportPkcs8PrivateKey(pkcs8, out var read);
            if (read != pkcs8.Length)
            {
                throw new IdentitySourceException("its private key is followed by something else");
            }

            return key is ECDsa curve ? certificate.CopyWithPrivateKey(curve) : certificate.CopyWithPrivateKey((RSA)key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or InvalidOperationException)
        {
            throw new IdentitySourceException("its private key is not that of its certificate, or no PKCS#8");
        }
    }

    /// <exception cref="IdentitySourceException">It is not the certificate's.</exception>
    public static X509Certificate2 Join(X509Certificate2 certificate, ECDsa key)
    {
        try
        {
            return certificate.CopyWithPrivateKey(key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or InvalidOperationException)
        {
            throw new IdentitySourceException("its certificate is for another key than the one that it was asked for with");
        }
    }
}
