namespace MeshSdk.Identity.Istiod;

/// <summary>When a certificate is asked for again.</summary>
internal sealed class RenewalSchedule(Random random)
{
    private const double GraceRatio = 0.5;
    private const double GraceJitter = 0.01;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private int _failures;

    /// <summary>
    /// How long after it came a certificate is renewed: when half of its life is left, give or take a hundredth of the life, so that processes that started together
    /// do not come back together.
    /// </summary>
    public TimeSpan AfterSuccess(IssuedCertificate issued)
    {
        _failures = 0;
        // Its life counts from when it came: it is dated back for slow clocks, and one that lives for minutes would otherwise have half of its life behind it at once.
        var notBefore = new DateTimeOffset(issued.Leaf.NotBefore);
        var from = notBefore > issued.ReceivedAt ? notBefore : issued.ReceivedAt;
        var notAfter = new DateTimeOffset(issued.Leaf.NotAfter);
        var grace = (notAfter - from) * (GraceRatio + (GraceJitter * ((2 * random.NextDouble()) - 1)));
        return Longer(notAfter - grace - issued.ReceivedAt, Shortest);
    }

    /// <summary>
    /// How long after a failure the next attempt is made: the longer the more there were in a row, and never more than a quarter of what is left of the
    /// certificate in use, so that a few attempts are left however short that is.
    /// </summary>
    /// <param name="kind">What can be hoped for.</param>
    /// <param name="left">Of the life of the certificate in use; null: there is none, or none that is valid, and calls are waiting.</param>
    public TimeSpan AfterFailure(IssuanceFailure kind, TimeSpan? left)
    {
        // With none in use, calls are refused until there is one; with one in use, nobody but an operator sees a difference.
        var (first, longest) = (kind, left) switch
        {
            (IssuanceFailure.Refused, null) => (TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)),
            (IssuanceFailure.Refused, _) => (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15)),
            (_, null) => (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)),
            _ => (TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5)),
        };
        var pause = Shorter(first * (1L << Math.Min(_failures, 20)), longest);
        _failures++;
        if (left is { } life)
        {
            pause = Shorter(pause, life / 4);
        }

        return Longer(pause * (0.9 + (0.2 * random.NextDouble())), Shortest);
    }

    /// <summary>How long after a change of the mesh's authorities a certificate of the new ones is asked for: somewhere within a minute, as every process sees that change.</summary>
    public TimeSpan AfterNewRoots() => TimeSpan.FromMinutes(1) * random.NextDouble();

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
