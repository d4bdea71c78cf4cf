using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>How endpoints are weighed by what they report of their own load.</summary>
internal sealed record BackendUtilizationModel
{
    /// <summary>The shortest time between two looks at the weights; a shorter one counts as this.</summary>
    public static readonly TimeSpan ShortestUpdatePeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an endpoint's last report counts.</summary>
    public TimeSpan ExpirationPeriod { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long an endpoint must have reported before it is believed; zero: at once.</summary>
    public TimeSpan StabilizationPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often weights are worked out anew.</summary>
    public TimeSpan UpdatePeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>By how much the share of errors adds to the utilization: 1 for the share itself, 0 for nothing.</summary>
    public double ErrorPenalty { get; init; } = 1;

    /// <summary>What is taken for the utilization, the highest of them; where a report has none, what applications and then processors say.</summary>
    public ImmutableArray<UtilizationMetric> Metrics { get; init; } = [];

    /// <summary>By what it says: a policy that is compiled again from the same text is the same, and the picker stays.</summary>
    public bool Equals(BackendUtilizationModel? other) =>
        other is not null
        && (ExpirationPeriod, StabilizationPeriod, UpdatePeriod, ErrorPenalty)
            == (other.ExpirationPeriod, other.StabilizationPeriod, other.UpdatePeriod, other.ErrorPenalty)
        && Metrics.AsSpan().SequenceEqual(other.Metrics.AsSpan());

    public override int GetHashCode() => HashCode.Combine(ExpirationPeriod, StabilizationPeriod, UpdatePeriod, ErrorPenalty, Metrics.Length);
}
