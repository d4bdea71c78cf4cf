using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Verification;

/// <summary>Whether the other side of one connection is whom it should be. Asked once, after the platform has built its chain by the policy.</summary>
internal abstract class PeerCheck
{
    /// <summary>How the chain is built.</summary>
    public abstract X509ChainPolicy Policy { get; }

    /// <summary>Why the peer was refused, for people; null where it was not, or has not been asked.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The one URI of its certificate; null where it has none, or several.</summary>
    public string? Identity { get; private set; }

    /// <summary>Until when its certificate holds.</summary>
    public DateTime NotAfter { get; private set; }

    /// <summary>What TLS calls; a name that does not fit the one that was dialled is no error here, for what names have to fit is checked below.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf || chain is null)
        {
            Refusal = "it shows no certificate";
            return false;
        }

        try
        {
            var names = CertificateNames.Of(leaf);
            Identity = names.Uris is [var uri] ? uri : null;
            NotAfter = leaf.NotAfter.ToUniversalTime();
            Refusal = Fault(leaf, names, chain);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException)
        {
            Refusal = $"its certificate cannot be read: {e.Message}";
        }

        return Refusal is null;
    }

    /// <returns>Null where it is whom it should be; else which check failed, what was expected and what came.</returns>
    protected abstract string? Fault(X509Certificate2 leaf, CertificateNames names, X509Chain chain);
}
