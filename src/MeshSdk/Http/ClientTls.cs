using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Http;

/// <summary>What a client's own handler says of TLS, for the application's own <c>https</c> calls.</summary>
internal static class ClientTls
{
    private static readonly SslClientAuthenticationOptions Fresh = new();

    /// <returns>Null where it says nothing.</returns>
    public static SslClientAuthenticationOptions? Of(SocketsHttpHandler handler) => IsCustomized(handler.SslOptions) ? handler.SslOptions : null;

    /// <inheritdoc cref="Of(SocketsHttpHandler)"/>
    public static SslClientAuthenticationOptions? Of(HttpClientHandler handler)
    {
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = handler.SslProtocols,
            CertificateRevocationCheckMode = handler.CheckCertificateRevocationList ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
        };
        if (handler.ClientCertificates is { Count: > 0 } certificates)
        {
            options.ClientCertificates = certificates;
        }

        if (handler.ServerCertificateCustomValidationCallback is not null)
        {
            // Only the callback that accepts everything comes here; the application has chosen that in so many words.
#pragma warning disable CA5359
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return IsCustomized(options) ? options : null;
    }

    // All that there is but ApplicationProtocols, which SocketsHttpHandler itself always replaces.
    private static bool IsCustomized(SslClientAuthenticationOptions options) =>
        options.RemoteCertificateValidationCallback is not null
        || options.LocalCertificateSelectionCallback is not null
        || options.ClientCertificates is { Count: > 0 }
        || options.ClientCertificateContext is not null
        || options.CertificateChainPolicy is not null
        || options.CipherSuitesPolicy is not null
        || options.TargetHost is not null
        || options.AllowTlsResume != Fresh.AllowTlsResume
        || options.AllowRenegotiation != Fresh.AllowRenegotiation
        || options.AllowRsaPkcs1Padding != Fresh.AllowRsaPkcs1Padding
        || options.AllowRsaPssPadding != Fresh.AllowRsaPssPadding
        || options.EncryptionPolicy != Fresh.EncryptionPolicy
        || options.EnabledSslProtocols != Fresh.EnabledSslProtocols
        || options.CertificateRevocationCheckMode != Fresh.CertificateRevocationCheckMode;
}
