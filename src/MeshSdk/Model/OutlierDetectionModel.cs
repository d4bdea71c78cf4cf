using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>When endpoints that do badly are left out for a while. The thresholds of consecutive errors are 0 where they are not looked at.</summary>
internal sealed record OutlierDetectionModel
{
    /// <summary>Errors in a row, by status; failures to connect and the like count too unless <see cref="SplitsLocalOrigin"/>.</summary>
    public int Consecutive5xx { get; init; } = 5;

    /// <summary>502, 503 and 504 in a row.</summary>
    public int ConsecutiveGatewayErrors { get; init; }

    /// <summary>Whether what happened on this side of the connection is counted apart from what the endpoint answered.</summary>
    public bool SplitsLocalOrigin { get; init; }

    /// <summary>Failures to connect, resets and timeouts in a row; only where they are counted apart.</summary>
    public int ConsecutiveLocalOriginFailures { get; init; } = 5;

    /// <summary>What is an error instead of 500 to 599; empty for those.</summary>
    public ImmutableArray<int> ErrorCodes { get; init; } = [];

    /// <summary>How often is looked at who may come back.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the first ejection lasts; the next ones last longer.</summary>
    public TimeSpan BaseEjectionTime { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan MaxEjectionTime { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Of all endpoints, 0 to 100.</summary>
    public int MaxEjectionPercent { get; init; } = 10;

    /// <summary>Whether one endpoint may be ejected whatever the percentage says.</summary>
    public bool AlwaysEjectsOne { get; init; }

    /// <summary>Compares success rates; null: does not.</summary>
    public SuccessRateModel? SuccessRate { get; init; }

    /// <summary>Looks at the share of failures; null: does not.</summary>
    public FailurePercentageModel? FailurePercentage { get; init; }
}

/// <summary>Ejects endpoints whose success rate is far below that of the others (gRFC A50).</summary>
/// <param name="StdevFactor">How many thousandths of a standard deviation below the mean.</param>
/// <param name="Enforcement">How many of a hundred such endpoints are ejected.</param>
/// <param name="MinimumHosts">Fewer than these with enough requests: nobody is ejected.</param>
/// <param name="RequestVolume">How many requests in an interval are enough.</param>
internal sealed record SuccessRateModel(int StdevFactor = 1900, int Enforcement = 100, int MinimumHosts = 5, int RequestVolume = 100);

/// <summary>Ejects endpoints of whose requests too many fail (gRFC A50).</summary>
/// <param name="Threshold">More than so many of a hundred.</param>
/// <param name="Enforcement">How many of a hundred such endpoints are ejected.</param>
/// <param name="MinimumHosts">Fewer than these with enough requests: nobody is ejected.</param>
/// <param name="RequestVolume">How many requests in an interval are enough.</param>
internal sealed record FailurePercentageModel(int Threshold = 85, int Enforcement = 100, int MinimumHosts = 5, int RequestVolume = 50);
