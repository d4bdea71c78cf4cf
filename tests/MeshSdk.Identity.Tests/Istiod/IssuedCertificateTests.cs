using System.Security.Cryptography;
using MeshSdk.Identity.Certificates;
using MeshSdk.Identity.Istiod;
using MeshSdk.Identity.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Identity.Tests.Istiod;

public sealed class IssuedCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2031, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly FakeTimeProvider Time = new(Now);
    private readonly MeshCertificateAuthority _authority = new("Ours", Time);
    private readonly MeshCertificateAuthority _other = new("Another", Time);
    private readonly SigningRequest _request = SigningRequest.Create(null);

    [Theory]
    [InlineData("nothing", "0 elements")]
    [InlineData("one element", "1 elements")]
    [InlineData("leaf without PEM", "its chain holds no certificate as PEM")]
    [InlineData("leaf that is none", "its chain holds a certificate that cannot be read")]
    [InlineData("roots without PEM", "for the authorities, holds no certificate as PEM")]
    [InlineData("another key", "is for another key than the one that it was asked for with")]
    [InlineData("another authority", "does not lead to an authority")]
    [InlineData("roots of another", "does not lead to an authority")]
    [InlineData("intermediate missing", "does not lead to an authority")]
    [InlineData("expired", "expired at 2031-05-04 11:59:00Z")]
    [InlineData("two URIs", "has 2 URIs")]
    [InlineData("no URI", "has 0 URIs")]
    [InlineData("no SPIFFE ID", "is no SPIFFE ID")]
    [InlineData("authority as leaf", "is that of an authority")]
    public void An_answer_that_is_bad_is_refused_with_the_reason(string what, string reason)
    {
        var good = Leaf(_authority);
        string[] answer = what switch
        {
            "nothing" => [],
            "one element" => [good + _authority.RootPem],
            "leaf without PEM" => ["", _authority.RootPem],
            "leaf that is none" => ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", _authority.RootPem],
            "roots without PEM" => [good, "roots"],
            "another key" => [_authority.Issue(Svids.Client).ChainPem, _authority.RootPem],
            "another authority" => [Leaf(_other), _authority.RootPem],
            "roots of another" => [good, _other.RootPem],
            "intermediate missing" => [Leaf(_authority.CreateIntermediate()), _authority.RootPem],
            "expired" => [Leaf(_authority, new() { NotBefore = Now.AddHours(-2), NotAfter = Now.AddMinutes(-1) }), _authority.RootPem],
            "two URIs" => [Leaf(_authority, new() { Uris = ["spiffe://cluster.local/ns/a/sa/b"] }), _authority.RootPem],
            "no URI" => [Leaf(_authority, new() { DnsNames = ["client"] }, id: null), _authority.RootPem],
            "no SPIFFE ID" => [Leaf(_authority, new() { Uris = ["https://client/"] }, id: null), _authority.RootPem],
            _ => [Leaf(_authority, new() { IsAuthority = true }), _authority.RootPem],
        };

        var refused = Assert.Throws<IdentitySourceException>(() => IssuedCertificate.Read(answer, _request.Key, [_authority.Certificate], Now));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_chain_may_come_in_one_element_or_in_several(bool together)
    {
        var middle = _authority.CreateIntermediate("Upper").CreateIntermediate("Lower");
        var chain = middle.Chain.Select(static certificate => certificate.ExportCertificatePem()).Prepend(Leaf(middle)).ToArray();
        string[] answer = together ? [string.Join('\n', chain), _authority.RootPem] : [.. chain, _authority.RootPem];

        var identity = IssuedCertificate.Read(answer, _request.Key, [_authority.Certificate], Now).ToIdentity();

        Assert.Equal(2, identity.Intermediates.Length);
        Assert.True(identity.Certificate.HasPrivateKey);
        Assert.Equal(Svids.Client, identity.Id?.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_authority_may_be_an_intermediate(bool rootIsSent)
    {
        var middle = _authority.CreateIntermediate();
        string[] answer = rootIsSent ? [Leaf(middle), _authority.RootPem, Pem(middle)] : [Leaf(middle), Pem(middle)];

        Assert.Equal(Svids.Client, IssuedCertificate.Read(answer, _request.Key, [], Now).ToIdentity().Id?.ToString());

        static string Pem(MeshCertificateAuthority authority) => authority.Certificate.ExportCertificatePem();
    }

    [Fact]
    public void The_root_is_not_sent_to_peers()
    {
        var identity = IssuedCertificate.Read([Leaf(_authority), _authority.RootPem, _authority.RootPem], _request.Key, [_authority.Certificate], Now).ToIdentity();

        Assert.Empty(identity.Intermediates);
    }

    [Fact]
    public void Peers_are_believed_by_what_the_file_holds_and_what_the_answer_names_each_once()
    {
        using var third = new MeshCertificateAuthority("Third", Time);

        var identity = IssuedCertificate
            .Read([Leaf(_authority), $"{_authority.RootPem}\n{third.RootPem}"], _request.Key, [_authority.Certificate, _other.Certificate], Now)
            .ToIdentity();

        var bundle = Assert.Single(identity.Bundles);
        Assert.Null(bundle.TrustDomain);
        Assert.Equal(
            new[] { _authority, _other, third }.Select(static authority => authority.Certificate.Thumbprint),
            bundle.Authorities.Select(static certificate => certificate.Thumbprint));
    }

    [Fact]
    public void What_leaves_the_file_is_no_longer_believed_whatever_the_answer_named()
    {
        using var third = new MeshCertificateAuthority("Third", Time);
        var issued = IssuedCertificate.Read(
            [Leaf(_authority), $"{_authority.RootPem}\n{_other.RootPem}\n{third.RootPem}"], _request.Key, [_authority.Certificate, _other.Certificate], Now);

        var after = issued.With([_authority.Certificate]).ToIdentity().Bundles.Single().Authorities;

        Assert.Equal(
            new[] { _authority, third }.Select(static authority => authority.Certificate.Thumbprint),
            after.Select(static certificate => certificate.Thumbprint));
    }

    [Fact]
    public void A_request_is_for_a_P_256_key_and_names_one_URI_or_none()
    {
        Assert.True(SpiffeId.TryParse(Svids.Client, out var id));
        using var named = SigningRequest.Create(id);

        var request = Load(named.Pem);
        Assert.Equal("", request.SubjectName.Name);
        Assert.True(Assert.Single(request.CertificateExtensions).Critical);
        Assert.Equal(256, named.Key.KeySize);
        Assert.Empty(Load(_request.Pem).CertificateExtensions);
    }

    public void Dispose()
    {
        _request.Dispose();
        _authority.Dispose();
        _other.Dispose();
    }

    private static System.Security.Cryptography.X509Certificates.CertificateRequest Load(string pem) =>
        System.Security.Cryptography.X509Certificates.CertificateRequest.LoadSigningRequestPem(
            pem, HashAlgorithmName.SHA256, System.Security.Cryptography.X509Certificates.CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);

    private string Leaf(MeshCertificateAuthority authority, MeshTestCertificateOptions? options = null, string? id = Svids.Client) =>
        authority.Sign(_request.Pem, id, options).ExportCertificatePem();
}
