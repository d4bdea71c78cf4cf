using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Handshakes;

namespace MeshSdk.Security.Policies;

/// <summary>What a policy has us show, ready for use.</summary>
/// <param name="Certificate">With its chain.</param>
/// <param name="Sessions">Those that were begun with it.</param>
internal sealed record PolicyCredential(ClientCertificate Certificate, TlsSessions Sessions)
{
    /// <param name="chain">The leaf first, as PEM.</param>
    /// <param name="key">As PEM. No exception holds any of it.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A text is no PEM of its kind, or the key is not that of the leaf.</exception>
    /// <exception cref="ArgumentException">The key is not that of the leaf, or cannot be used.</exception>
    public static PolicyCredential Parse(string chain, string key)
    {
        var leaf = X509Certificate2.CreateFromPem(chain, key);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(chain);
        return new PolicyCredential(ClientCertificate.Create(leaf, all.Skip(1), CertificateLabel.Of(leaf)), new TlsSessions());
    }
}
