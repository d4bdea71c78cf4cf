using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using MeshSdk.Model;
using MeshSdk.Security.Revocation;
using MeshSdk.Security.Trust;
using MeshSdk.Security.Verification;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Security.Verification;

/// <summary>The law of identities: whatever names a certificate holds, its owner is somebody only by exactly one URI, and by one that is expected.</summary>
public sealed class MeshPeerCheckTests : IDisposable
{
    private static readonly string[] Some =
    [
        "spiffe://cluster.local/ns/a/sa/one", "spiffe://cluster.local/ns/a/sa/two", "spiffe://cluster.local/ns/a/sa/On", "spiffe://cluster.local/ns/a/sa",
        "spiffe://other.local/ns/a/sa/one", "https://cluster.local/ns/a/sa/one",
    ];

    private static readonly Gen<(char Kind, string Name)[]> Names = Gen.OneOf(
        Gen.Int[0, 5].Select(static i => Some[i]).Select(static name => ('u', name)),
        Gen.Int[0, 5].Select(static i => Some[i]).Select(static name => ('d', name)),
        Gen.Int[0, 5].Select(static i => Some[i]).Select(static name => ('e', name)),
        Gen.Bool.Select(static b => b ? "10.0.0.1" : "::1").Select(static name => ('i', name))).Array[0, 5];

    private readonly MeshCertificateAuthority _root = new("Root");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
    }

    [Fact]
    public void Nobody_is_accepted_but_by_the_one_URI_that_is_expected() =>
        Gen.Select(Names, Gen.Int[0, 2].Select(static i => Some[i]).Array[1, 3]).Sample((names, expected) =>
        {
            using var leaf = Issue(names);
            var now = TimeProvider.System.GetUtcNow();
            var trust = MeshTrust.Create([new TrustBundle("cluster.local", [X509Certificate2.CreateFromPem(_root.RootPem)])], "cluster.local");
            var check = MeshPeerCheck.Create(NameSet.Create(expected), trust, RevocationLists.None, MeshSettings.Default, now);
            using var chain = new X509Chain { ChainPolicy = check.Policy };
            chain.Build(leaf);

            var isAccepted = check.Accepts(this, leaf, chain, SslPolicyErrors.RemoteCertificateNameMismatch);

            var uris = names.Where(static name => name.Kind == 'u').Select(static name => name.Name).ToList();
            Assert.Equal(uris is [var uri] && expected.Contains(uri, StringComparer.Ordinal), isAccepted);
            Assert.Equal(isAccepted, check.Refusal is null);
        }, iter: 150, threads: 1);

    // Servers that send more than they need to.
    [Fact]
    public void A_root_that_is_sent_does_not_hide_the_intermediate_that_is_trusted()
    {
        using var intermediate = _root.CreateIntermediate();
        var leaf = intermediate.Issue(Some[0]).Certificate;
        var trust = MeshTrust.Create([new TrustBundle("cluster.local", [X509CertificateLoader.LoadCertificate(intermediate.Certificate.RawData)])], "cluster.local");
        var check = MeshPeerCheck.Create(NameSet.Create([Some[0]]), trust, RevocationLists.None, MeshSettings.Default, TimeProvider.System.GetUtcNow());
        check.Policy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(_root.Certificate.RawData));
        using var chain = new X509Chain { ChainPolicy = check.Policy };
        chain.Build(leaf);
        Assert.Equal(3, chain.ChainElements.Count);

        Assert.True(check.Accepts(this, leaf, chain, SslPolicyErrors.RemoteCertificateChainErrors), check.Refusal);
    }

    [Fact]
    public void What_a_peer_has_written_is_one_line_of_bounded_length()
    {
        var names = new CertificateNames(["a\r\nFATAL: b\u2028" + new string('c', 10_000)], []).ToString();

        Assert.StartsWith("a  FATAL: b c", names, StringComparison.Ordinal);
        Assert.InRange(names.Length, 1, 310);
    }

    [Fact]
    public void Two_lists_of_names_are_none()
    {
        // The platform does not make such a thing: one of another name, of the same length, is given the name afterwards.
        var request = Request();
        request.CertificateExtensions.Add(San([('u', Some[0])]));
        request.CertificateExtensions.Add(new X509Extension("2.5.29.18", San([('u', Some[0])]).RawData, critical: false));
        using var one = Sign(request);
        var bytes = one.RawData;
        bytes[bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[6, 3, 0x55, 0x1d, 18]) + 4] = 17;
        using var leaf = X509CertificateLoader.LoadCertificate(bytes);

        Assert.Throws<CryptographicException>(() => CertificateNames.Of(leaf));
    }

    [Fact]
    public void No_bytes_of_a_list_of_names_throw_anything_else() => Gen.Byte.Array[0, 60].Sample(static bytes =>
    {
        try
        {
            CertificateNames.Read(bytes);
        }
        catch (CryptographicException)
        {
        }
    }, iter: 20_000);

    private X509Certificate2 Issue((char, string)[] names)
    {
        var request = Request();
        if (names.Length > 0)
        {
            request.CertificateExtensions.Add(San(names));
        }

        return Sign(request);
    }

    private CertificateRequest Request() => new("", _key, HashAlgorithmName.SHA256);

    private X509Certificate2 Sign(CertificateRequest request)
    {
        var now = TimeProvider.System.GetUtcNow();
        return request.Create(_root.Certificate, now.AddMinutes(-1), now.AddHours(1), [1, 2, 3, 4]);
    }

    private static X509Extension San((char Kind, string Name)[] names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var (kind, name) in names)
        {
            switch (kind)
            {
                case 'u': builder.AddUri(new Uri(name)); break;
                case 'd': builder.AddDnsName("a.example"); break;
                case 'e': builder.AddUserPrincipalName(name); break;
                default: builder.AddIpAddress(System.Net.IPAddress.Parse(name)); break;
            }
        }

        return builder.Build(critical: true);
    }
}
