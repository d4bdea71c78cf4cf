using MeshSdk.Model;

namespace MeshSdk.Tool.Policies;

/// <summary>Which values of a policy are what they would be if nobody had said anything, whether somebody did or not.</summary>
internal static class PolicyDefaults
{
    private static readonly OutlierDetectionModel Outliers = new();
    private static readonly SlowStartModel Start = new(TimeSpan.Zero);
    private static readonly BackendUtilizationModel Utilization = new();

    /// <summary>The paths of such properties in an <see cref="EffectivePolicy"/>.</summary>
    public static IEnumerable<string> Of(ClusterModel cluster) =>
        Paths(cluster, cluster.OutlierDetection ?? Outliers, cluster.Limits).Where(static entry => entry.IsDefault).Select(static entry => entry.Path);

    private static IEnumerable<(string Path, bool IsDefault)> Paths(ClusterModel cluster, OutlierDetectionModel outliers, ConnectionLimits limits)
    {
        yield return ("loadBalancer.name", cluster.LoadBalancer == LoadBalancerKind.LeastRequest);
        yield return ("loadBalancer.hash.minimumRingSize", cluster is { LoadBalancer: LoadBalancerKind.RingHash, Hash.RingSize: HashModel.DefaultRingSize });
        yield return ("loadBalancer.hash.tableSize", cluster is { LoadBalancer: LoadBalancerKind.Maglev, Hash.TableSize: HashModel.DefaultTableSize });
        yield return ("loadBalancer.warmup", cluster.SlowStart is null);
        yield return ("loadBalancer.warmup.minimumPercent", cluster.SlowStart is { } start && start.MinimumPercent.Equals(Start.MinimumPercent));
        yield return ("loadBalancer.warmup.aggression", cluster.SlowStart is { } grown && grown.Aggression.Equals(Start.Aggression));
        if (cluster.BackendUtilization is { } utilization)
        {
            yield return ("loadBalancer.backendUtilization.weightExpirationPeriod", utilization.ExpirationPeriod == Utilization.ExpirationPeriod);
            yield return ("loadBalancer.backendUtilization.weightStabilizationPeriod", utilization.StabilizationPeriod == Utilization.StabilizationPeriod);
            yield return ("loadBalancer.backendUtilization.weightUpdatePeriod", utilization.UpdatePeriod == Utilization.UpdatePeriod);
            yield return ("loadBalancer.backendUtilization.errorUtilizationPenaltyPercent", utilization.ErrorPenalty.Equals(Utilization.ErrorPenalty));
            yield return ("loadBalancer.backendUtilization.metricNamesForComputingUtilization", utilization.Metrics.IsEmpty);
        }

        yield return ("panicThreshold", cluster.PanicThreshold == 0);
        yield return ("localityWeights", cluster.LocalityWeights.IsEmpty);
        yield return ("outlierDetection", cluster.OutlierDetection is null);
        if (cluster.OutlierDetection is not null)
        {
            yield return ("outlierDetection.consecutive5xxErrors", outliers.Consecutive5xx == Outliers.Consecutive5xx);
            yield return ("outlierDetection.consecutiveGatewayErrors", outliers.ConsecutiveGatewayErrors == Outliers.ConsecutiveGatewayErrors);
            yield return ("outlierDetection.splitExternalLocalOriginErrors", !outliers.SplitsLocalOrigin);
            yield return (
                "outlierDetection.consecutiveLocalOriginFailures", outliers.ConsecutiveLocalOriginFailures == Outliers.ConsecutiveLocalOriginFailures);
            yield return ("outlierDetection.errorCodes", outliers.ErrorCodes.IsEmpty);
            yield return ("outlierDetection.interval", outliers.Interval == Outliers.Interval);
            yield return ("outlierDetection.baseEjectionTime", outliers.BaseEjectionTime == Outliers.BaseEjectionTime);
            yield return ("outlierDetection.maxEjectionTime", outliers.MaxEjectionTime == Outliers.MaxEjectionTime);
            yield return ("outlierDetection.maxEjectionPercent", outliers.MaxEjectionPercent == Outliers.MaxEjectionPercent);
            yield return ("outlierDetection.alwaysEjectsOne", !outliers.AlwaysEjectsOne);
            yield return ("outlierDetection.successRate", outliers.SuccessRate is null);
            yield return ("outlierDetection.failurePercentage", outliers.FailurePercentage is null);
        }

        yield return ("connectionPool.connectTimeout", cluster.ConnectTimeout == ClusterModel.DefaultConnectTimeout);
        yield return ("connectionPool.maxConnections", limits.MaxConnections is null);
        yield return ("connectionPool.maxPendingRequests", limits.MaxPendingRequests is null);
        yield return ("connectionPool.maxRequests", limits.MaxRequests is null);
        yield return ("connectionPool.maxRequestsPerConnection", limits.MaxRequestsPerConnection is null);
        yield return ("connectionPool.maxConcurrentStreams", limits.MaxConcurrentStreams is null);
        yield return ("connectionPool.maxRetries", limits.MaxRetries is null);
        yield return ("connectionPool.retryShare", limits.RetryShare is null);
        yield return ("connectionPool.idleTimeout", cluster.Connections.IdleTimeout is null);
        yield return ("connectionPool.maxConnectionDuration", cluster.Connections.MaxDuration is null);
        yield return ("connectionPool.tcpKeepalive", cluster.Connections.Keepalive is null);
        yield return ("connectionPool.http2KeepAlive", cluster.Connections.Ping is null);
        yield return ("connectionPool.proxyProtocol", cluster.Connections.ProxyProtocol == ProxyProtocol.None);
        yield return ("retryBudget", cluster.RetryBudget is null);
    }
}
