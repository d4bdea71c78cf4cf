using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>What the files and the configuration hold at a moment. Equal ones make equal handshakes.</summary>
/// <param name="Authority">PEM; null: what the system trusts.</param>
/// <param name="Certificate">PEM; null: the client shows none.</param>
/// <param name="Key">PEM, of <paramref name="Certificate"/>.</param>
internal sealed record TlsMaterial(string? Authority, string? Certificate, string? Key)
{
    /// <exception cref="ConnectionException">A file cannot be read, or a credential plugin fails.</exception>
    public static async ValueTask<TlsMaterial> ReadAsync(ConnectionSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Server.Scheme != Uri.UriSchemeHttps)
        {
            return new(null, null, null);
        }

        var authority = settings.Authority is null ? null : await settings.Authority.ReadAsync(cancellationToken).ConfigureAwait(false);
        var own = await settings.Credential.GetCertificateAsync(cancellationToken).ConfigureAwait(false) ?? settings.ClientCertificate;
        return own is null
            ? new(authority, null, null)
            : new(
                authority,
                await own.Certificate.ReadAsync(cancellationToken).ConfigureAwait(false),
                await own.Key.ReadAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <exception cref="ConnectionException">The text holds no certificate.</exception>
    public X509Certificate2Collection? ReadAuthority() => Authority is null ? null : Read(Authority, "certificate authority of the API server");

    /// <exception cref="ConnectionException">Certificate and key cannot be read, or do not belong together.</exception>
    public SslStreamCertificateContext? ReadCertificate()
    {
        if (Certificate is null || Key is null)
        {
            return null;
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPem(Certificate, Key);
            if (OperatingSystem.IsWindows())
            {
                // SChannel uses no keys that live in memory alone.
                certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
            }

            // Offline: what the server needs stands in the text, and nothing is to be fetched from anywhere for it.
            return SslStreamCertificateContext.Create(certificate, Read(Certificate, "client certificate"), offline: true);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new ConnectionException($"the client certificate cannot be used: {fault.Message}", fault);
        }
    }

    private static X509Certificate2Collection Read(string pem, string what)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException fault)
        {
            throw new ConnectionException($"the {what} cannot be read: {fault.Message}", fault);
        }

        return certificates.Count > 0 ? certificates : throw new ConnectionException($"the {what} holds no certificate");
    }
}
