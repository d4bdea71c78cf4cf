using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using MeshSdk.Security.Revocation;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Security.Revocation;

/// <summary>Lists of revoked certificates: read as they are written, believed as they are signed, and of no use when they are old.</summary>
public sealed class RevocationListTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly MeshCertificateAuthority _root = new("Root");
    private readonly MeshCertificateAuthority _namesake = new("Root");

    public void Dispose()
    {
        _root.Dispose();
        _namesake.Dispose();
    }

    [Fact]
    public void What_is_written_is_read() => Gen.Byte.Array[1, 20].Array[0, 20].Sample(serials =>
    {
        foreach (var serial in serials)
        {
            serial[0] = (byte)(serial[0] & 0x7f | 1);
        }

        var builder = new CertificateRevocationListBuilder();
        foreach (var serial in serials.DistinctBy(Convert.ToHexString))
        {
            builder.AddEntry(serial, Now, X509RevocationReason.KeyCompromise);
        }

        var list = RevocationListReader.Read(Build(builder, _root));

        Assert.Equal(serials.Select(static serial => Convert.ToHexString(serial)).Order().Distinct(), list.Revoked.Order());
        Assert.Equal("CN=Root", list.Issuer);
        Assert.Equal(Now.AddDays(1).ToUnixTimeSeconds(), list.NextUpdate!.Value.ToUnixTimeSeconds());
        Assert.True(list.Names(_root.Certificate));
        Assert.True(list.IsSignedBy(_root.Certificate));
        Assert.False(list.Names(_namesake.Certificate));
        Assert.False(list.IsSignedBy(_namesake.Certificate));
    }, iter: 50);

    public static TheoryData<string, string?> Judgements => new()
    {
        { "lists nobody", null },
        { "lists the leaf", "is revoked" },
        { "is from tomorrow on", "put a newer one in its place" },
        { "ended yesterday", "put a newer one in its place" },
        { "ended yesterday, and lists the leaf", "is revoked" },
        { "is signed by another of the name", "signature that is not that authority's" },
        { "is of another of the name", "there is no revocation list of" },
        { "ended yesterday, and there is a newer one", null },
    };

    [Theory]
    [MemberData(nameof(Judgements))]
    public void A_list_is_judged(string which, string? fault)
    {
        var leaf = _root.Issue("spiffe://cluster.local/ns/a/sa/b").Certificate;
        var all = new CertificateRevocationListBuilder();
        all.AddEntry(leaf);
        var none = new CertificateRevocationListBuilder();
        ReadOnlyMemory<byte>[] lists = which switch
        {
            "lists nobody" => [Build(none, _root)],
            "lists the leaf" => [Build(all, _root)],
            "is from tomorrow on" => [Build(none, _root, 1, 2)],
            "ended yesterday" => [Build(none, _root, -2, -1)],
            "ended yesterday, and lists the leaf" => [Build(all, _root, -2, -1)],
            "is signed by another of the name" => [Forge(none)],
            "is of another of the name" => [Build(all, _namesake)],
            _ => [Build(none, _root, -2, -1), Build(none, _root)],
        };
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(_root.Certificate);
        Assert.True(chain.Build(leaf));

        var found = new RevocationLists([.. lists.Select(RevocationListReader.Read)], demandsAll: true).Fault([.. chain.ChainElements.Select(static element => element.Certificate)], Now);

        if (fault is null)
        {
            Assert.Null(found);
        }
        else
        {
            Assert.Contains(fault, found, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("2.5.29.28", true)]
    [InlineData("2.5.29.27", false)]
    [InlineData("1.2.3.4", true)]
    public void What_a_list_says_that_is_not_understood_is_no_small_matter(string extension, bool isCritical)
    {
        var error = Assert.Throws<RevocationListException>(() => RevocationListReader.Read(WithExtension(extension, isCritical)));

        Assert.Contains(extension, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_critical_may_be_unknown() => Assert.Empty(RevocationListReader.Read(WithExtension("1.2.3.4", false)).Revoked);

    [Fact]
    public void Several_lists_in_one_text_are_all_read()
    {
        var text = _root.RootPem + "\n" + _root.Revoke() + "\nnotes\n" + _namesake.Revoke() + "\n";

        Assert.Equal(2, RevocationListReader.ReadPem(text).Count());
        Assert.Throws<RevocationListException>(() => RevocationListReader.ReadPem(_root.RootPem));
        Assert.Throws<RevocationListException>(() => RevocationListReader.ReadPem(""));
        Assert.Throws<RevocationListException>(() => RevocationListReader.ReadPem("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----"));
    }

    // Bytes changed, cut off and put in at random: all that may come of it is a list or the one exception.
    [Fact]
    public void No_bytes_throw_anything_else()
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry(_root.Issue("spiffe://cluster.local/ns/a/sa/b").Certificate, reason: X509RevocationReason.Superseded);
        var sound = Build(builder, _root);
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, 3], Gen.Byte.Array[0, 40]).Array[1, 4].Sample(changes =>
        {
            var bytes = sound.ToList();
            foreach (var (at, value, kind, more) in changes)
            {
                var place = Math.Min(at, Math.Max(bytes.Count - 1, 0));
                if (kind == 0 && bytes.Count > 0)
                {
                    bytes[place] = value;
                }
                else if (kind == 1)
                {
                    bytes.RemoveRange(place, bytes.Count - place);
                }
                else if (kind == 2)
                {
                    bytes.InsertRange(place, more);
                }
                else if (bytes.Count > 0)
                {
                    bytes[place] ^= (byte)(1 << (value & 7));
                }
            }

            try
            {
                RevocationListReader.Read(bytes.ToArray()).Names(_root.Certificate);
            }
            catch (RevocationListException)
            {
            }
        }, iter: 20_000);
    }

    private static byte[] Build(CertificateRevocationListBuilder builder, MeshCertificateAuthority authority, double fromDays = -1, double toDays = 1) => builder.Build(
        authority.Certificate, 1, Now.AddDays(toDays), HashAlgorithmName.SHA256, rsaSignaturePadding: null, thisUpdate: Now.AddDays(fromDays));

    private byte[] Forge(CertificateRevocationListBuilder builder)
    {
        using var key = _namesake.Certificate.GetECDsaPrivateKey()!;
        return builder.Build(
            _root.Certificate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(key),
            1,
            Now.AddDays(1),
            HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root.Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false),
            Now.AddDays(-1));
    }

    private static byte[] WithExtension(string id, bool isCritical)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                Algorithm(writer);
                writer.WriteEncodedValue(new X500DistinguishedName("CN=Root").RawData);
                writer.WriteUtcTime(Now);
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(id);
                    if (isCritical)
                    {
                        writer.WriteBoolean(true);
                    }

                    writer.WriteOctetString([5, 0]);
                }
            }

            Algorithm(writer);
            writer.WriteBitString([0]);
        }

        return writer.Encode();

        static void Algorithm(AsnWriter writer)
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
            }
        }
    }
}
