using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security.Pem;

/// <summary>The identity that PEM texts hold between them.</summary>
internal static class PemIdentity
{
    /// <param name="texts">The files, read at one time.</param>
    /// <exception cref="PemException">They make no identity: one cannot be read, or the key is not that of the leaf.</exception>
    public static MeshIdentity Read(PemTexts texts)
    {
        var files = texts.Files;
        var chain = PemCertificates.Read(texts.Certificate, files.Certificate);
        var authorities = PemCertificates.Read(texts.TrustBundle, files.TrustBundle);
        var lists = texts.Revocations is null ? [] : PemCertificates.ReadRevocationLists(texts.Revocations, files.Revocations!);
        using var bare = chain[0];
        if (IsSelfIssued(bare) && chain.Count > 1)
        {
            throw new PemException($"{files.Certificate}: the first certificate is a root; the leaf has to come first");
        }

        var leaf = PemPrivateKey.Join(bare, texts.PrivateKey, files.PrivateKey);

        // Nobody believes a root for its being sent; many files hold it all the same.
        var intermediates = chain.Skip(1).Where(one => !IsSelfIssued(one) && !one.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span));
        return new MeshIdentity(leaf, intermediates, [new TrustBundle(null, authorities, lists)]);
    }

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
