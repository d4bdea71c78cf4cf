using MeshSdk.Identity.Istiod;
using MeshSdk.Identity.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Identity.Tests.Istiod;

public sealed class RenewalScheduleTests
{
    private static readonly DateTimeOffset Now = new(2031, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Istio's agent: SECRET_GRACE_PERIOD_RATIO 0.5, its jitter 0.01.</summary>
    [Theory]
    [InlineData(86400, 42336, 44064)] // 24 h: 12 h, by up to about a quarter of an hour sooner or later
    [InlineData(3600, 1764, 1836)]
    [InlineData(60, 29.4, 30.6)]
    [InlineData(1, 1, 1)] // never without a pause
    public void A_certificate_is_renewed_near_half_of_its_life(double life, double earliest, double latest)
    {
        var seen = new HashSet<TimeSpan>();
        var issued = Issued(TimeSpan.FromSeconds(life));
        for (var seed = 0; seed < 200; seed++)
        {
            var pause = new RenewalSchedule(new Random(seed)).AfterSuccess(issued);
            seen.Add(pause);
            Assert.InRange(pause.TotalSeconds, earliest, latest);
        }

        Assert.True(life <= 1 || seen.Count > 100, "processes that start together are to come back apart");
    }

    [Theory]
    [InlineData("Transient", null, new double[] { 1, 2, 4, 8, 16, 30, 30 })]
    [InlineData("Local", null, new double[] { 1, 2, 4, 8, 16, 30, 30 })]
    [InlineData("Refused", null, new double[] { 5, 10, 20, 40, 80, 160, 300, 300 })]
    [InlineData("Transient", 43200d, new double[] { 10, 20, 40, 80, 160, 300, 300 })]
    [InlineData("Refused", 43200d, new double[] { 60, 120, 240, 480, 900, 900 })]
    [InlineData("Refused", 120d, new double[] { 30, 30 })]
    [InlineData("Transient", 1d, new double[] { 1 })]
    public void After_failures_the_pauses_grow(string kind, double? left, double[] seconds)
    {
        var schedule = new RenewalSchedule(new Random(3));
        foreach (var expected in seconds)
        {
            var pause = schedule.AfterFailure(Enum.Parse<IssuanceFailure>(kind), left is { } life ? TimeSpan.FromSeconds(life) : null);

            Assert.InRange(pause.TotalSeconds, Math.Max(1, expected * 0.9), Math.Max(1, expected * 1.1));
        }
    }

    [Fact]
    public void A_success_makes_them_begin_anew()
    {
        var schedule = new RenewalSchedule(new Random(3));
        for (var failure = 0; failure < 100; failure++)
        {
            schedule.AfterFailure(IssuanceFailure.Transient, null);
        }

        schedule.AfterSuccess(Issued(TimeSpan.FromHours(24)));

        Assert.InRange(schedule.AfterFailure(IssuanceFailure.Transient, null).TotalSeconds, 1, 1.1);
    }

    private static IssuedCertificate Issued(TimeSpan life)
    {
        using var authority = new MeshCertificateAuthority(time: new FakeTimeProvider(Now));
        return new(authority.Issue(Svids.Client, new() { Lifetime = life }).Certificate, [], [], [], Now);
    }
}
