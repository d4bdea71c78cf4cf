using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Identity.Certificates;

namespace MeshSdk.Identity.Istiod;

/// <summary>What istiod answered, checked.</summary>
/// <param name="Leaf">With its key.</param>
/// <param name="Intermediates">What is sent with it.</param>
/// <param name="Named">The authorities that came with it.</param>
/// <param name="Known">Those in the file at the time.</param>
/// <param name="ReceivedAt">By the clock of the mesh.</param>
internal sealed record IssuedCertificate(
    X509Certificate2 Leaf,
    IReadOnlyList<X509Certificate2> Intermediates,
    IReadOnlyList<X509Certificate2> Named,
    IReadOnlyList<X509Certificate2> Known,
    DateTimeOffset ReceivedAt)
{
    /// <param name="answer">Each element PEM: the leaf, what it is under, and last the authorities.</param>
    /// <param name="key">Which it was asked for with.</param>
    /// <param name="known">The authorities in the file.</param>
    /// <param name="now">By the clock of the mesh.</param>
    /// <exception cref="IdentitySourceException">It cannot be used.</exception>
    public static IssuedCertificate Read(IReadOnlyList<string> answer, ECDsa key, IReadOnlyList<X509Certificate2> known, DateTimeOffset now)
    {
        if (answer.Count < 2)
        {
            throw new IdentitySourceException($"{answer.Count} elements, where there have to be the certificate and, last, the authorities");
        }

        var chain = answer.SkipLast(1).SelectMany(static element => Pem(element, "its chain")).ToList();
        var roots = Pem(answer[^1], "its last element, for the authorities,");
        var intermediates = chain.Skip(1).Except(roots, SameBytes.Comparer).ToList();
        LeafChecks.Check(chain[0], intermediates, roots, now);
        return new(PrivateKeys.Join(chain[0], key), intermediates, roots, known, now);
    }

    /// <summary>
    /// The same with what the file holds now. What has left the file is no longer believed, even if it came with the certificate: the file is what the mesh's
    /// operator withdraws a root by.
    /// </summary>
    public IssuedCertificate With(IReadOnlyList<X509Certificate2> known)
    {
        var withdrawn = Known.Except(known, SameBytes.Comparer);
        return this with { Named = [.. Named.Except(withdrawn, SameBytes.Comparer)], Known = known };
    }

    public MeshIdentity ToIdentity() => new(Leaf, Intermediates, [new TrustBundle(null, Known.Union(Named, SameBytes.Comparer))]);

    private static IReadOnlyList<X509Certificate2> Pem(string text, string what)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            throw new IdentitySourceException($"{what} holds a certificate that cannot be read");
        }

        return certificates.Count > 0 ? [.. certificates] : throw new IdentitySourceException($"{what} holds no certificate as PEM");
    }
}
