namespace MeshSdk.Tool.Policies;

/// <summary>
/// The policy by which the endpoints of one port are called, complete, wherever its parts come from. The properties and their order are a public interface that
/// scripts read: may grow, never change. Durations are in the form of the Gateway API, fields have the names that a DestinationRule has for them.
/// </summary>
/// <param name="Defaults">The paths of the properties whose values are what they would be without any policy, as in <c>loadBalancer.name</c>.</param>
internal sealed record EffectivePolicy(
    EffectiveLoadBalancer LoadBalancer,
    int PanicThreshold,
    IReadOnlyList<EffectiveLocality> LocalityWeights,
    EffectiveOutlierDetection? OutlierDetection,
    EffectiveConnectionPool ConnectionPool,
    EffectiveRetryBudget? RetryBudget,
    IReadOnlyList<string> Defaults)
{
    /// <summary>Null where every endpoint is spoken to in plaintext.</summary>
    public EffectiveTls? Tls { get; init; }

    public bool IsDefault(string path) => Defaults.Contains(path);
}

/// <param name="Name">As in <c>RING_HASH</c>.</param>
/// <param name="Hash">Null where nothing is hashed.</param>
/// <param name="Warmup">Null where new endpoints have their full share at once.</param>
internal sealed record EffectiveLoadBalancer(string Name, EffectiveHash? Hash, EffectiveWarmup? Warmup)
{
    /// <summary>Null where the load that endpoints report is not looked at.</summary>
    public EffectiveBackendUtilization? BackendUtilization { get; init; }
}

/// <param name="MetricNamesForComputingUtilization">Empty: what applications report of themselves, else their processors.</param>
internal sealed record EffectiveBackendUtilization(
    string WeightExpirationPeriod,
    string WeightStabilizationPeriod,
    string WeightUpdatePeriod,
    double ErrorUtilizationPenaltyPercent,
    IReadOnlyList<string> MetricNamesForComputingUtilization);

/// <param name="Source"><c>header</c>, <c>cookie</c>, <c>sourceIp</c>, <c>queryParameter</c> or <c>none</c>, where chance decides.</param>
/// <param name="Name">Null for the address of the caller and for nothing.</param>
/// <param name="Ttl">Of a cookie that the mesh makes, <c>0s</c> for one of the session; null where it makes none.</param>
/// <param name="Path">Of that cookie; null: none.</param>
/// <param name="MinimumRingSize">Of a ring; null for a table.</param>
/// <param name="TableSize">Of a Maglev table; null for a ring.</param>
/// <param name="Attributes">Further ones of that cookie, in the order in which they are written.</param>
internal sealed record EffectiveHash(
    string Source, string? Name, string? Ttl, string? Path, int? MinimumRingSize, int? TableSize, IReadOnlyList<EffectiveAttribute> Attributes);

/// <param name="Value">Empty for one that is only named, as <c>Secure</c>.</param>
internal sealed record EffectiveAttribute(string Name, string Value);

internal sealed record EffectiveWarmup(string Duration, double MinimumPercent, double Aggression);

internal sealed record EffectiveLocality(string Locality, int Weight);

/// <param name="MostEjected">How many of the endpoints may be out at once.</param>
/// <param name="Endpoints">Of how many.</param>
internal sealed record EffectiveOutlierDetection(
    int Consecutive5xxErrors,
    int ConsecutiveGatewayErrors,
    bool SplitExternalLocalOriginErrors,
    int ConsecutiveLocalOriginFailures,
    IReadOnlyList<int> ErrorCodes,
    string Interval,
    string BaseEjectionTime,
    string MaxEjectionTime,
    int MaxEjectionPercent,
    bool AlwaysEjectsOne,
    EffectiveSuccessRate? SuccessRate,
    EffectiveFailurePercentage? FailurePercentage,
    int MostEjected,
    int Endpoints);

internal sealed record EffectiveSuccessRate(int StdevFactor, int Enforcement, int MinimumHosts, int RequestVolume);

internal sealed record EffectiveFailurePercentage(int Threshold, int Enforcement, int MinimumHosts, int RequestVolume);

/// <summary>Null means no limit, or what the operating system has.</summary>
/// <param name="HttpVersion"><c>1.1</c>, <c>2</c>, <c>caller</c> for that of the caller's message, or <c>auto</c> where nothing is declared.</param>
internal sealed record EffectiveConnectionPool(
    string ConnectTimeout,
    int? MaxConnections,
    int? MaxPendingRequests,
    int? MaxRequests,
    int? MaxRequestsPerConnection,
    int? MaxConcurrentStreams,
    int? MaxRetries,
    EffectiveRetryShare? RetryShare,
    string IdleTimeout,
    string? MaxConnectionDuration,
    EffectiveKeepalive? TcpKeepalive,
    EffectivePing? Http2KeepAlive,
    string? ProxyProtocol,
    string HttpVersion);

internal sealed record EffectiveRetryShare(double Percent, int MinRetryConcurrency, string BudgetInterval);

internal sealed record EffectiveKeepalive(int? Probes, string? Time, string? Interval);

internal sealed record EffectivePing(string Interval, string Timeout);

/// <summary>Of an XBackendTrafficPolicy.</summary>
internal sealed record EffectiveRetryBudget(int Percent, string Interval, int MinRetries, string MinInterval);
