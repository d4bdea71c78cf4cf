using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Handshakes;

/// <summary>What a client shows of itself, with the chain built: once for each certificate, for it costs as much as a handshake.</summary>
internal sealed class ClientCertificate
{
    private static readonly TimeSpan LongestConnection = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestConnection = TimeSpan.FromMilliseconds(100);

    private ClientCertificate(SslStreamCertificateContext context, string name)
    {
        (Context, Name) = (context, name);
        NotBefore = context.TargetCertificate.NotBefore.ToUniversalTime();
        NotAfter = context.TargetCertificate.NotAfter.ToUniversalTime();
        var tenth = (NotAfter - NotBefore) / 10;
        ConnectionLifetime = tenth > LongestConnection ? LongestConnection : tenth < ShortestConnection ? ShortestConnection : tenth;
    }

    public SslStreamCertificateContext Context { get; }

    /// <summary>Whose it is, for people.</summary>
    public string Name { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    /// <summary>How old a connection that was made with it may grow: a tenth of its life, and an hour at most.</summary>
    public TimeSpan ConnectionLifetime { get; }

    /// <param name="leaf">With its key.</param>
    /// <param name="intermediates">What is sent with it, in any order. Nothing else is, and nothing is downloaded.</param>
    /// <param name="name">Whose it is, for people.</param>
    /// <exception cref="ArgumentException">The key is not that of the leaf, or cannot be used.</exception>
    public static ClientCertificate Create(X509Certificate2 leaf, IEnumerable<X509Certificate2> intermediates, string name)
    {
        if (!KeyFits(leaf))
        {
            throw new ArgumentException($"the private key is not that of the certificate {CertificateLabel.Of(leaf)} of {name}");
        }

        return new ClientCertificate(SslStreamCertificateContext.Create(Usable(leaf), [.. intermediates], offline: true), name);
    }

    // By use and not by comparison: a key may be in hardware, and tell nothing of itself.
    private static bool KeyFits(X509Certificate2 leaf)
    {
        ReadOnlySpan<byte> probe = "whose key is this"u8;
        try
        {
            using var ecdsa = leaf.GetECDsaPrivateKey();
            using var rsa = ecdsa is null ? leaf.GetRSAPrivateKey() : null;
            if (ecdsa is not null)
            {
                using var key = leaf.GetECDsaPublicKey();
                return key!.VerifyData(probe, ecdsa.SignData(probe, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256);
            }

            using var publicKey = leaf.GetRSAPublicKey();
            return rsa is not null
                && publicKey!.VerifyData(
                    probe, rsa.SignData(probe, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // Windows does TLS with keys of its key stores alone, into which this brings one that has been in memory only. One that cannot be exported is in a store already.
    private static X509Certificate2 Usable(X509Certificate2 leaf)
    {
        if (!OperatingSystem.IsWindows())
        {
            return leaf;
        }

        try
        {
            return X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), password: null);
        }
        catch (CryptographicException)
        {
            return leaf;
        }
    }
}
