using System.Globalization;
using System.Text;
using MeshSdk.Compilation;
using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation;

/// <summary>Writes what a cluster has from its policies, a line for each concern, as far as it is not the default.</summary>
internal static class SnapshotPolicyWriter
{
    public static void Write(StringBuilder text, ClusterModel cluster)
    {
        Line(text, "hash", Of(cluster.Hash, cluster.LoadBalancer));
        Line(text, "utilization", Of(cluster.BackendUtilization));
        Line(text, "slow start", cluster.SlowStart is { } slow ? F($"{T(slow.Window)} from {slow.MinimumPercent}% ^{slow.Aggression}") : "");
        Line(text, "outliers", Of(cluster.OutlierDetection));
        Line(text, "panic", cluster.PanicThreshold == 0 ? "" : F($"below {cluster.PanicThreshold}%"));
        Line(text, "limits", Of(cluster.Limits));
        Line(text, "connections", Of(cluster.Connections));
        if (cluster.Policy.Merged.Length > 1)
        {
            Line(text, "merged", string.Join(' ', cluster.Policy.Merged));
        }

        foreach (var subset in cluster.Policy.Subsets)
        {
            Line(text, "subset", $"{subset.Name} {string.Join(',', subset.Labels.Select(static label => $"{label.Key}={label.Value}"))}".Trim());
        }
    }

    private static void Line(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {name} {value.Trim()}\n");
        }
    }

    private static string Of(HashModel? hash, LoadBalancerKind kind)
    {
        if (hash is null)
        {
            return "";
        }

        var table = kind == LoadBalancerKind.Maglev ? F($"table {hash.TableSize}") : F($"ring {hash.RingSize}");
        var cookie = hash.Source != HashSource.Cookie ? "" : $" ttl {(hash.Ttl is { } ttl ? T(ttl) : "-")} path {hash.Path ?? "-"}"
            + string.Concat(hash.Attributes.Select(static attribute => $" {attribute.Name}={attribute.Value}"));
        return $"{hash.Source} {hash.Name} {table}{cookie}";
    }

    private static string Of(BackendUtilizationModel? model) => model is null ? "" : F(
        $"after {T(model.StabilizationPeriod)} until {T(model.ExpirationPeriod)} every {T(model.UpdatePeriod)} errors x{model.ErrorPenalty} {string.Join(',', model.Metrics)}");

    private static string Of(OutlierDetectionModel? model) => model is null ? "" : F(
        $"5xx {model.Consecutive5xx} gateway {model.ConsecutiveGatewayErrors} local {(model.SplitsLocalOrigin ? F($"{model.ConsecutiveLocalOriginFailures}") : "-")}")
        + F($" every {T(model.Interval)} for {T(model.BaseEjectionTime)} to {T(model.MaxEjectionTime)} of {model.MaxEjectionPercent}%")
        + (model.ErrorCodes.IsEmpty ? "" : $" codes {string.Join(',', model.ErrorCodes)}");

    private static string Of(ConnectionLimits limits) => string.Join(' ', new[]
    {
        N("connections", limits.MaxConnections), N("pending", limits.MaxPendingRequests), N("requests", limits.MaxRequests),
        N("requests-each", limits.MaxRequestsPerConnection), N("streams-each", limits.MaxConcurrentStreams), N("retries", limits.MaxRetries),
        limits.RetryShare is { } share ? F($"retry-share {share.Percent}% min {share.MinConcurrency} in {T(share.Interval)}") : "",
    }.Where(static part => part.Length > 0));

    private static string Of(ConnectionSettings settings) => string.Join(' ', new[]
    {
        settings.Keepalive is { } keepalive
            ? F($"keepalive {keepalive.Probes?.ToString(CultureInfo.InvariantCulture) ?? "-"}/{T(keepalive.Time)}/{T(keepalive.Interval)}")
            : "",
        settings.MaxDuration is { } longest ? $"lasting {T(longest)}" : "",
        settings.IdleTimeout is { } idle ? $"idle {T(idle)}" : "",
        settings.Ping is { } ping ? $"ping {T(ping.Interval)}/{T(ping.Timeout)}" : "",
        settings.ProxyProtocol == ProxyProtocol.None ? "" : $"proxy {settings.ProxyProtocol}",
    }.Where(static part => part.Length > 0));

    private static string N(string name, int? number) => number is { } value ? F($"{name} {value}") : "";

    private static string T(TimeSpan? time) => time is not { } value ? "-" : value == Timeout.InfiniteTimeSpan ? "ever" : GatewayDuration.Format(value);

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
