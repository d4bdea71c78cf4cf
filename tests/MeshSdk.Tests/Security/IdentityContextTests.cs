using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security;
using MeshSdk.Testing;
using MeshSdk.Tests.Security.Handshakes;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Security;

/// <summary>What an identity has to be to be used at all, and what is made of it once.</summary>
public sealed class IdentityContextTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly MeshCertificateAuthority _root = new("Root");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void It_knows_who_it_is_and_until_when()
    {
        var own = _root.Issue(Handshake.Caller);

        var context = IdentityContext.Create(own.ToIdentity(), null);

        Assert.Equal(Handshake.Caller, context.Id.ToString());
        Assert.Equal(own.Certificate.NotAfter.ToUniversalTime(), context.NotAfter.UtcDateTime);
        Assert.True(context.MayResume);
    }

    [Fact]
    public void The_certificates_under_the_root_are_sent_along_whatever_their_order()
    {
        using var upper = _root.CreateIntermediate("Upper");
        using var lower = upper.CreateIntermediate("Lower");
        var own = lower.Issue(Handshake.Caller);
        var identity = new MeshIdentity(own.Certificate, own.Chain.Reverse(), [new TrustBundle(null, [X509Certificate2.CreateFromPem(_root.RootPem)])]);

        var context = IdentityContext.Create(identity, null);

        Assert.Equal(["CN=Lower", "CN=Upper"], context.Certificate.Context.IntermediateCertificates.Select(static certificate => certificate.Subject));
    }

    [Theory]
    [InlineData(10 * 24, 60)]
    [InlineData(24, 60)]
    [InlineData(5, 30)]
    [InlineData(1, 6)]
    public void Connections_live_a_tenth_of_the_certificate_and_an_hour_at_most(int hours, int minutes)
    {
        var own = _root.Issue(Handshake.Caller, new() { NotBefore = Now, NotAfter = Now.AddHours(hours) });

        Assert.Equal(TimeSpan.FromMinutes(minutes), IdentityContext.Create(own.ToIdentity(), null).ConnectionLifetime);
    }

    [Fact]
    public void What_has_expired_cannot_be_used()
    {
        var own = _root.Issue(Handshake.Caller, new() { Lifetime = TimeSpan.FromHours(1) });
        var time = new FakeTimeProvider(Now);
        IdentityContext.Create(own.ToIdentity(), null, time);
        time.Advance(TimeSpan.FromHours(2));

        var error = Assert.Throws<ArgumentException>(() => IdentityContext.Create(own.ToIdentity(), null, time));

        Assert.Contains($"the certificate of {Handshake.Caller} expired at", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_session_is_taken_up_with_a_certificate_that_comes_back_after_an_authority_has_left()
    {
        using var leaving = new MeshCertificateAuthority("Leaving");
        var (first, second, third) = (_root.Issue(Handshake.Caller), _root.Issue(Handshake.Caller), _root.Issue(Handshake.Caller));
        var before = IdentityContext.Create(Trusting(first, _root, leaving), null);
        before = IdentityContext.Create(Trusting(second, _root, leaving), before);
        var after = IdentityContext.Create(Trusting(third, _root), before);

        Assert.True(after.MayResume);
        Assert.False(IdentityContext.Create(Trusting(first, _root), after).MayResume);
        Assert.False(IdentityContext.Create(Trusting(second, _root), after).MayResume);
        Assert.True(IdentityContext.Create(Trusting(third, _root), after).MayResume);

        static MeshIdentity Trusting(MeshTestCertificate own, params MeshCertificateAuthority[] authorities) =>
            new(own.Certificate, own.Chain, [new TrustBundle(null, authorities.Select(static one => X509Certificate2.CreateFromPem(one.RootPem)))]);
    }

    public static TheoryData<string?, string[]> NoIdentities => new()
    {
        { null, ["a.example"] },
        { null, [] },
        { "https://cluster.local/ns/a/sa/b", [] },
        { "spiffe://cluster.local/ns//sa", [] },
    };

    [Theory]
    [MemberData(nameof(NoIdentities))]
    public void What_is_no_identity_cannot_be_used(string? uri, string[] dnsNames)
    {
        var own = _root.Issue(uri, new() { Subject = "CN=x", DnsNames = dnsNames });

        var error = Assert.Throws<ArgumentException>(() => IdentityContext.Create(own.ToIdentity(), null));

        Assert.EndsWith("exactly one SPIFFE ID", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_identities_are_none()
    {
        var own = _root.Issue(Handshake.Caller, new() { Uris = [Handshake.Backend] });

        Assert.Throws<ArgumentException>(() => IdentityContext.Create(own.ToIdentity(), null));
    }

    [Fact]
    public void A_revocation_list_that_cannot_be_read_makes_it_unusable()
    {
        var own = _root.Issue(Handshake.Caller);
        var identity = new MeshIdentity(own.Certificate, [], [new TrustBundle(null, [X509Certificate2.CreateFromPem(_root.RootPem)], [new byte[] { 1, 2, 3 }])]);

        var error = Assert.Throws<ArgumentException>(() => IdentityContext.Create(identity, null));

        Assert.Contains("a revocation list of the trust bundles", error.Message, StringComparison.Ordinal);
    }
}
