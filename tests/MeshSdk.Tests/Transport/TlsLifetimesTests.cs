using MeshSdk.Security;
using MeshSdk.Testing;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Transport;

/// <summary>How long connections are used, by the certificates that they are made with.</summary>
public sealed class TlsLifetimesTests : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly MeshCertificateAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData(2 * 24 * 3600)]
    [InlineData(24 * 3600)]
    [InlineData(36_001)]
    [InlineData(36_000)]
    [InlineData(35_999)]
    [InlineData(3600)]
    [InlineData(600)]
    [InlineData(60)]
    [InlineData(5)]
    [InlineData(1)]
    public void They_last_for_a_tenth_of_its_life_at_most_for_an_hour_at_most_and_not_for_much_less(int life)
    {
        var lifetimes = new TlsLifetimes();
        Adopt(lifetimes, TimeSpan.FromSeconds(life));

        var allowed = Math.Min(life / 10.0, 3600);
        Assert.InRange(lifetimes.OfIdentity.TotalSeconds, allowed / 2, allowed);
    }

    [Fact]
    public void Without_any_they_last_for_an_hour() => Assert.Equal(TimeSpan.FromHours(1), new TlsLifetimes().OfIdentity);

    [Fact]
    public void Certificates_of_nearly_the_same_life_change_nothing()
    {
        var lifetimes = new TlsLifetimes();
        Assert.False(Adopt(lifetimes, Day));
        Assert.True(Adopt(lifetimes, TimeSpan.FromHours(1)));
        var before = lifetimes.OfIdentity;

        foreach (var minutes in (int[])[60, 59, 61, 60, 120, 59])
        {
            Assert.False(Adopt(lifetimes, TimeSpan.FromMinutes(minutes)));
            Assert.Equal(before, lifetimes.OfIdentity);
        }
    }

    [Fact]
    public void A_shorter_life_counts_at_once_and_a_much_longer_one_too()
    {
        var lifetimes = new TlsLifetimes();
        Assert.True(Adopt(lifetimes, TimeSpan.FromMinutes(10)));
        Assert.True(Adopt(lifetimes, TimeSpan.FromSeconds(50)));
        Assert.True(lifetimes.OfIdentity <= TimeSpan.FromSeconds(5));
        Assert.True(Adopt(lifetimes, TimeSpan.FromHours(1)));
        Assert.True(Adopt(lifetimes, Day));
        Assert.Equal(TimeSpan.FromHours(1), lifetimes.OfIdentity);
    }

    private bool Adopt(TlsLifetimes lifetimes, TimeSpan life)
    {
        var now = DateTimeOffset.UtcNow;
        var options = new MeshTestCertificateOptions { NotBefore = now, NotAfter = now + life };
        return lifetimes.Adopt(IdentityContext.Create(_authority.Issue("spiffe://cluster.local/ns/test/sa/client", options).ToIdentity(), previous: null));
    }
}
