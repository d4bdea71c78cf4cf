using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;

namespace MeshSdk.Tool.Policies;

/// <summary>Reads the policy of a cluster off the model that the data plane obeys.</summary>
internal static class PolicyReader
{
    private static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromHours(1);

    public static EffectivePolicy Read(ClusterModel cluster) => new(
        new EffectiveLoadBalancer(NameOf(cluster.LoadBalancer), HashOf(cluster), WarmupOf(cluster.SlowStart))
        {
            BackendUtilization = UtilizationOf(cluster.BackendUtilization),
        },
        cluster.PanicThreshold,
        [.. cluster.LocalityWeights.Select(static weight => new EffectiveLocality(weight.Locality.ToString(), weight.Weight))],
        cluster.OutlierDetection is { } outliers ? OutliersOf(outliers, cluster.Endpoints.Length) : null,
        PoolOf(cluster),
        cluster.RetryBudget is { } budget
            ? new EffectiveRetryBudget(budget.Percent, Text(budget.Interval), budget.MinRetries, Text(budget.MinInterval))
            : null,
        [.. PolicyDefaults.Of(cluster)])
    {
        Tls = TlsReader.Read(cluster),
    };

    public static string NameOf(LoadBalancerKind kind) => kind switch
    {
        LoadBalancerKind.RoundRobin => "ROUND_ROBIN",
        LoadBalancerKind.Random => "RANDOM",
        LoadBalancerKind.RingHash => "RING_HASH",
        LoadBalancerKind.Maglev => "MAGLEV",
        LoadBalancerKind.PassThrough => "PASSTHROUGH",
        LoadBalancerKind.BackendUtilization => "BACKEND_UTILIZATION",
        _ => "LEAST_REQUEST",
    };

    public static EffectiveOutlierDetection OutliersOf(OutlierDetectionModel outliers, int endpoints) => new(
        outliers.Consecutive5xx,
        outliers.ConsecutiveGatewayErrors,
        outliers.SplitsLocalOrigin,
        outliers.ConsecutiveLocalOriginFailures,
        outliers.ErrorCodes,
        Text(outliers.Interval),
        Text(outliers.BaseEjectionTime),
        Text(outliers.MaxEjectionTime),
        outliers.MaxEjectionPercent,
        outliers.AlwaysEjectsOne,
        outliers.SuccessRate is { } rate ? new EffectiveSuccessRate(rate.StdevFactor, rate.Enforcement, rate.MinimumHosts, rate.RequestVolume) : null,
        outliers.FailurePercentage is { } share ? new EffectiveFailurePercentage(share.Threshold, share.Enforcement, share.MinimumHosts, share.RequestVolume) : null,
        MostEjected(outliers, endpoints),
        endpoints);

    private static int MostEjected(OutlierDetectionModel outliers, int endpoints)
    {
        var most = 0;
        while (most < endpoints && EjectionLimit.Allows(outliers, most, endpoints))
        {
            most++;
        }

        return most;
    }

    private static EffectiveHash? HashOf(ClusterModel cluster)
    {
        if (cluster.Hash is not { } hash)
        {
            return null;
        }

        var source = hash.Source switch
        {
            HashSource.None => "none",
            HashSource.Header => "header",
            HashSource.Cookie => "cookie",
            HashSource.QueryParameter => "queryParameter",
            _ => "sourceIp",
        };
        var isTable = cluster.LoadBalancer == LoadBalancerKind.Maglev;
        return new EffectiveHash(
            source, hash.Name.Length == 0 ? null : hash.Name, Text(hash.Ttl), hash.Path, isTable ? null : hash.RingSize, isTable ? hash.TableSize : null,
            [.. hash.Attributes.Select(static attribute => new EffectiveAttribute(attribute.Name, attribute.Value))]);
    }

    private static EffectiveWarmup? WarmupOf(SlowStartModel? start) =>
        start is null ? null : new EffectiveWarmup(Text(start.Window), start.MinimumPercent, start.Aggression);

    private static EffectiveBackendUtilization? UtilizationOf(BackendUtilizationModel? model) => model is null ? null : new EffectiveBackendUtilization(
        Text(model.ExpirationPeriod),
        Text(model.StabilizationPeriod),
        Text(model.UpdatePeriod),
        model.ErrorPenalty * 100,
        [.. model.Metrics.Select(static metric => metric.ToString())]);

    public static EffectiveConnectionPool PoolOf(ClusterModel cluster)
    {
        var (limits, settings) = (cluster.Limits, cluster.Connections);
        return new EffectiveConnectionPool(
            Text(cluster.ConnectTimeout),
            limits.MaxConnections,
            limits.MaxPendingRequests,
            limits.MaxRequests,
            limits.MaxRequestsPerConnection,
            limits.MaxConcurrentStreams,
            limits.MaxRetries,
            limits.RetryShare is { } share ? new EffectiveRetryShare(share.Percent, share.MinConcurrency, Text(share.Interval)) : null,
            Text(settings.IdleTimeout ?? DefaultIdleTimeout),
            Text(settings.MaxDuration),
            settings.Keepalive is { } keepalive ? new EffectiveKeepalive(keepalive.Probes, Text(keepalive.Time), Text(keepalive.Interval)) : null,
            settings.Ping is { } ping ? new EffectivePing(Text(ping.Interval), Text(ping.Timeout)) : null,
            settings.ProxyProtocol == ProxyProtocol.None ? null : settings.ProxyProtocol.ToString(),
            cluster.Protocol switch
            {
                ClusterProtocol.Http1 => "1.1",
                ClusterProtocol.Http2 => "2",
                ClusterProtocol.Caller => "caller",
                _ => "auto",
            });
    }

    /// <summary>Timers have a negative time for one that never comes.</summary>
    private static string Text(TimeSpan value) => value < TimeSpan.Zero ? "never" : GatewayDuration.Format(value);

    private static string? Text(TimeSpan? value) => value is { } known ? Text(known) : null;
}
