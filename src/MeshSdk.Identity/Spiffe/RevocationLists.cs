using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using MeshSdk.Identity.Certificates;

namespace MeshSdk.Identity.Spiffe;

/// <summary>
/// The Workload API sends revocation lists without saying for whom. Each goes to the trust domains with an authority of the name that issued it, and one that none
/// has to all of them: it may be of an intermediate of any, and counts for those authorities alone whose name, key and signature it has.
/// </summary>
internal static class RevocationLists
{
    /// <returns>The lists of each bundle, in their order.</returns>
    /// <exception cref="IdentitySourceException">One is none. Going on without it would be to believe what has been revoked.</exception>
    public static List<ReadOnlyMemory<byte>>[] Assign(IEnumerable<ByteString> lists, List<(string TrustDomain, List<X509Certificate2> Authorities)> bundles)
    {
        var assigned = bundles.ConvertAll(static _ => new List<ReadOnlyMemory<byte>>()).ToArray();
        foreach (var list in lists)
        {
            var issuer = IssuerOf(list.Memory);
            var found = false;
            for (var i = 0; i < bundles.Count; i++)
            {
                if (bundles[i].Authorities.Exists(authority => authority.SubjectName.RawData.AsSpan().SequenceEqual(issuer.Span)))
                {
                    assigned[i].Add(list.Memory);
                    found = true;
                }
            }

            if (!found)
            {
                Array.ForEach(assigned, bundle => bundle.Add(list.Memory));
            }
        }

        return assigned;
    }

    private static ReadOnlyMemory<byte> IssuerOf(ReadOnlyMemory<byte> list)
    {
        try
        {
            var content = new AsnReader(list, AsnEncodingRules.DER).ReadSequence().ReadSequence();
            if (content.PeekTag() == Asn1Tag.Integer)
            {
                content.ReadInteger(); // the version
            }

            content.ReadSequence(); // the algorithm
            return content.ReadEncodedValue();
        }
        catch (AsnContentException)
        {
            throw new IdentitySourceException("a revocation list (crl) is not one in DER");
        }
    }
}
