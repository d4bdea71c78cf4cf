using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Policies;

/// <summary>Certificates of authorities, out of a text of PEM.</summary>
internal sealed record AuthorityList(ImmutableArray<X509Certificate2> Certificates)
{
    /// <exception cref="CryptographicException">There is none, or one cannot be read.</exception>
    public static AuthorityList Parse(string text)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(text);
        return certificates.Count > 0
            ? new AuthorityList([.. certificates])
            : throw new CryptographicException("there is no '-----BEGIN CERTIFICATE-----' in it");
    }
}
