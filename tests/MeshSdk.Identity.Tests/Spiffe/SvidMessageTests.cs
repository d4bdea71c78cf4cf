using System.Security.Cryptography;
using Google.Protobuf;
using MeshSdk.Identity.Certificates;
using MeshSdk.Identity.Spiffe;
using MeshSdk.Identity.Tests.Fixtures;
using MeshSdk.Identity.Tests.Protocol;
using MeshSdk.Testing;

namespace MeshSdk.Identity.Tests.Spiffe;

public sealed class SvidMessageTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2031, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider Time = new(Now);
    private readonly MeshCertificateAuthority _authority = new("Ours", Time);
    private readonly MeshCertificateAuthority _other = new("Another", Time);

    public static TheoryData<string, string> Bad() => new()
    {
        { "no identity", "holds no identity" },
        { "id that is none", "is no SPIFFE ID" },
        { "id of another", "its certificate is that of spiffe://cluster.local/ns/istio-test/sa/admin" },
        { "no certificate", "the certificate of spiffe://cluster.local/ns/istio-test/sa/client is empty" },
        { "certificate that is none", "is no sequence of certificates in DER" },
        { "certificate cut off", "is no sequence of certificates in DER" },
        { "PEM in place of DER", "is no sequence of certificates in DER" },
        { "no key", "its private key is not that of its certificate" },
        { "key of another", "its private key is not that of its certificate" },
        { "RSA key for an ECDSA certificate", "its private key is not that of its certificate" },
        { "key and more", "its private key" },
        { "no bundle", "the bundle of cluster.local is empty" },
        { "bundle of another authority", "does not lead to an authority of the bundle" },
        { "intermediate missing", "does not lead to an authority of the bundle" },
        { "expired", "expired at 2031-05-04 11:59:00Z" },
        { "two URIs", "has 2 URIs" },
        { "no URI", "has 0 URIs" },
        { "URI that is no SPIFFE ID", "is no SPIFFE ID" },
        { "authority as leaf", "is that of an authority" },
        { "federated bundle that is none", "the bundle of other.test is no sequence" },
        { "federated bundle that is empty", "the bundle of other.test is empty" },
        { "federated bundle of no trust domain", "which is no trust domain" },
        { "federated bundle of an identity", "which is no trust domain" },
        { "federated bundle of the own domain", "among the bundles of other trust domains is one of the own" },
        { "revocation list that is none", "a revocation list (crl)" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_message_that_is_bad_is_refused_with_the_reason(string what, string reason)
    {
        var message = BadMessage(what);

        var refused = Assert.Throws<IdentitySourceException>(() => Read(message));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.All(message.Svids, svid => Assert.DoesNotContain(Secret(svid), refused.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("RSA")]
    [InlineData("intermediate")]
    [InlineData("not valid yet, by a clock that is behind")]
    public void A_good_one_becomes_an_identity(string what)
    {
        var authority = what == "intermediate" ? _authority.CreateIntermediate("Upper").CreateIntermediate("Lower") : _authority;
        var svid = authority.Svid(options: new()
        {
            Rsa = what == "RSA",
            NotBefore = what.StartsWith("not valid", StringComparison.Ordinal) ? Now.AddSeconds(40) : null,
        });

        var identity = Read(Svids.Message(svid));

        Assert.True(identity.Certificate.HasPrivateKey);
        Assert.Equal(Svids.Client, identity.Id?.ToString());
        Assert.Equal(what == "intermediate" ? 2 : 0, identity.Intermediates.Length);
        var bundle = Assert.Single(identity.Bundles);
        Assert.Equal("cluster.local", bundle.TrustDomain);
        Assert.Equal(_authority.Certificate.RawData, Assert.Single(bundle.Authorities).RawData);
    }

    [Fact]
    public void A_bundle_may_hold_several_authorities()
    {
        var svid = _authority.Svid();
        svid.Bundle = Svids.Der(_other.Certificate, _authority.Certificate);

        Assert.Equal(2, Read(Svids.Message(svid)).Bundles.Single().Authorities.Length);
    }

    /// <summary>The specification names them by SPIFFE ID; bare names are taken too.</summary>
    [Theory]
    [InlineData("spiffe://other.test")]
    [InlineData("other.test")]
    public void Bundles_of_other_domains_come_after_the_own(string name)
    {
        var message = _authority.Message();
        message.FederatedBundles[name] = Svids.Der(_other.Certificate);

        var identity = Read(message);

        Assert.Equal(["cluster.local", "other.test"], identity.Bundles.Select(static bundle => bundle.TrustDomain));
        Assert.Equal(_other.Certificate.RawData, Assert.Single(identity.Bundles[1].Authorities).RawData);
    }

    [Fact]
    public void A_revocation_list_goes_to_the_domain_of_its_issuer_and_to_all_where_none_has_it()
    {
        using var unknown = new MeshCertificateAuthority("Neither", Time);
        var message = _authority.Message();
        message.FederatedBundles["other.test"] = Svids.Der(_other.Certificate);
        message.Crl.Add(Crl(_other));
        message.Crl.Add(Crl(_authority));
        message.Crl.Add(Crl(unknown));

        var identity = Read(message);

        Assert.Equal([message.Crl[1].ToByteArray(), message.Crl[2].ToByteArray()], identity.Bundles[0].RevocationLists.Select(static list => list.ToArray()));
        Assert.Equal([message.Crl[0].ToByteArray(), message.Crl[2].ToByteArray()], identity.Bundles[1].RevocationLists.Select(static list => list.ToArray()));
    }

    [Theory]
    [InlineData(null, "spiffe://cluster.local/ns/a/sa/one")]
    [InlineData("second", "spiffe://cluster.local/ns/a/sa/two")]
    public void The_first_identity_is_taken_or_the_first_with_the_hint(string? hint, string expected)
    {
        var message = Svids.Message(
            _authority.Svid("spiffe://cluster.local/ns/a/sa/one", "first"),
            _authority.Svid("spiffe://cluster.local/ns/a/sa/two", "second"),
            _authority.Svid("spiffe://cluster.local/ns/a/sa/three", "second")).Received();

        Assert.Equal(expected, SvidMessage.Select(message, hint).SpiffeId);
    }

    [Fact]
    public void A_hint_that_no_identity_has_is_refused_with_those_that_there_are()
    {
        var message = Svids.Message(_authority.Svid(hint: "internal")).Received();

        var refused = Assert.Throws<IdentitySourceException>(() => SvidMessage.Select(message, "external"));

        Assert.Contains("none has the hint 'external': spiffe://cluster.local/ns/istio-test/sa/client ('internal')", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_used_of_a_message_makes_it_a_new_one()
    {
        var first = _authority.Svid();
        var message = Svids.Message(first);
        message.FederatedBundles["a.test"] = Svids.Der(_other.Certificate);
        message.FederatedBundles["b.test"] = Svids.Der(_other.Certificate);
        var same = Svids.Message(first, _authority.Svid("spiffe://cluster.local/ns/a/sa/unused"));
        same.FederatedBundles["b.test"] = Svids.Der(_other.Certificate);
        same.FederatedBundles["a.test"] = Svids.Der(_other.Certificate);

        Assert.Equal(Digest(message), Digest(same));
        foreach (var change in new Action<X509SVIDResponse>[]
        {
            other => other.Svids[0] = _authority.Svid(),
            other => other.Svids[0].Bundle = Svids.Der(_authority.Certificate, _other.Certificate),
            static other => other.FederatedBundles.Remove("b.test"),
            other => other.FederatedBundles["b.test"] = Svids.Der(_authority.Certificate),
            other => other.Crl.Add(Crl(_authority)),
        })
        {
            var changed = message.Clone();
            change(changed);
            Assert.NotEqual(Digest(message), Digest(changed));
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    private static byte[] Digest(X509SVIDResponse message) => MessageDigest.Of(message.Received(), message.Received().Svids[0]);

    private static MeshIdentity Read(X509SVIDResponse sent)
    {
        var message = sent.Received();
        return SvidMessage.Read(message, SvidMessage.Select(message, null), Now);
    }

    private static string Secret(X509SVID svid) => svid.X509SvidKey.IsEmpty ? "(no key)" : svid.X509SvidKey.ToBase64()[..40];

    private static ByteString Crl(MeshCertificateAuthority authority)
    {
        var pem = authority.Revoke(authority.Issue(Svids.Client));
        return ByteString.CopyFrom(Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]));
    }

    private X509SVIDResponse BadMessage(string what)
    {
        var svid = _authority.Svid(options: what switch
        {
            "expired" => new() { NotBefore = Now.AddHours(-2), NotAfter = Now.AddMinutes(-1) },
            "two URIs" => new() { Uris = ["spiffe://cluster.local/ns/istio-test/sa/admin"] },
            "authority as leaf" => new() { IsAuthority = true },
            _ => null,
        });
        var message = Svids.Message(svid);
        switch (what)
        {
            case "no identity": message.Svids.Clear(); break;
            case "id that is none": svid.SpiffeId = "cluster.local/ns/istio-test/sa/client"; break;
            case "id of another":
                message.Svids[0] = _authority.Svid("spiffe://cluster.local/ns/istio-test/sa/admin");
                message.Svids[0].SpiffeId = Svids.Client;
                break;
            case "no certificate": svid.X509Svid = ByteString.Empty; break;
            case "certificate that is none": svid.X509Svid = ByteString.CopyFromUtf8("certificate"); break;
            case "certificate cut off": svid.X509Svid = ByteString.CopyFrom(svid.X509Svid.Span[..^1]); break;
            case "PEM in place of DER": svid.X509Svid = ByteString.CopyFromUtf8(_authority.Issue(Svids.Client).ChainPem); break;
            case "no key": svid.X509SvidKey = ByteString.Empty; break;
            case "key of another": svid.X509SvidKey = _authority.Svid().X509SvidKey; break;
            case "RSA key for an ECDSA certificate": svid.X509SvidKey = _authority.Svid(options: new() { Rsa = true }).X509SvidKey; break;
            case "key and more": svid.X509SvidKey = ByteString.CopyFrom([.. svid.X509SvidKey.Span, 0]); break;
            case "no bundle": svid.Bundle = ByteString.Empty; break;
            case "bundle of another authority": svid.Bundle = Svids.Der(_other.Certificate); break;
            case "intermediate missing":
                message.Svids[0] = _authority.CreateIntermediate().Svid();
                message.Svids[0].X509Svid = ByteString.CopyFrom(FirstOf(message.Svids[0].X509Svid));
                break;
            case "no URI" or "URI that is no SPIFFE ID":
                var certificate = _authority.Issue(null, new() { DnsNames = ["backend"], Uris = what == "no URI" ? [] : ["https://backend/"] });
                (svid.X509Svid, svid.X509SvidKey) = (Svids.Der(certificate.Certificate), Svids.Key(certificate));
                break;
            case "federated bundle that is none": message.FederatedBundles["spiffe://other.test"] = ByteString.CopyFromUtf8("bundle"); break;
            case "federated bundle that is empty": message.FederatedBundles["spiffe://other.test"] = ByteString.Empty; break;
            case "federated bundle of no trust domain": message.FederatedBundles["spiffe://Other Test"] = Svids.Der(_other.Certificate); break;
            case "federated bundle of an identity": message.FederatedBundles["spiffe://other.test/ns/a"] = Svids.Der(_other.Certificate); break;
            case "federated bundle of the own domain": message.FederatedBundles["spiffe://cluster.local"] = Svids.Der(_other.Certificate); break;
            case "revocation list that is none": message.Crl.Add(ByteString.CopyFromUtf8("list")); break;
        }

        return message;
    }

    private static byte[] FirstOf(ByteString chain)
    {
        System.Formats.Asn1.AsnDecoder.ReadEncodedValue(chain.Span, System.Formats.Asn1.AsnEncodingRules.DER, out _, out _, out var length);
        return chain.Span[..length].ToArray();
    }
}
