using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Verification;

namespace MeshSdk;

/// <summary>Who this process is to its peers, and by whose word it believes who they are: one moment of a <see cref="ICertificateSource"/>. Immutable.</summary>
public sealed class MeshIdentity
{
    /// <param name="certificate">The leaf, with its private key. Not disposed: connections may be using it long after the next one has come.</param>
    /// <param name="intermediates">What is sent with the leaf, without the root; in any order.</param>
    /// <param name="bundles">The authorities of each trust domain whose peers are believed.</param>
    /// <exception cref="ArgumentException"><paramref name="certificate"/> has no private key, or <paramref name="bundles"/> holds no authority.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public MeshIdentity(X509Certificate2 certificate, IEnumerable<X509Certificate2> intermediates, IEnumerable<TrustBundle> bundles)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(intermediates);
        ArgumentNullException.ThrowIfNull(bundles);
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException("the certificate of an identity needs its private key");
        }

        Certificate = certificate;
        Id = CertificateNames.UriOf(certificate) is { } uri && SpiffeId.TryParse(uri, out var id) ? id : null;
        Intermediates = [.. intermediates];
        Bundles = [.. bundles];
        if (Bundles.All(static bundle => bundle.Authorities.IsEmpty))
        {
            throw new ArgumentException("without an authority that it trusts, an identity can believe nobody");
        }
    }

    /// <summary>The leaf, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Who the leaf says that this process is; null where it does not say so by exactly one URI, as SPIFFE wants it.</summary>
    public SpiffeId? Id { get; }

    /// <summary>What is sent with the leaf.</summary>
    public ImmutableArray<X509Certificate2> Intermediates { get; }

    /// <summary>The authorities of each trust domain whose peers are believed.</summary>
    public ImmutableArray<TrustBundle> Bundles { get; }
}
