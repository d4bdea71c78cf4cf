using System.Globalization;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Policies;

/// <summary>An effective policy for people, every block of it, what nobody has stated marked as the default.</summary>
internal static class PolicyText
{
    /// <param name="declared">What the port declares, such as <c>HTTP2</c>; null where it is not known.</param>
    public static void Write(IndentedText text, EffectivePolicy policy, string? declared = null)
    {
        var marks = new DefaultMarks(policy);
        text.Line("Effective policy:");
        using (text.Indent())
        {
            text.Line($"Load balancer: {LoadBalancer(policy, marks)}");
            if (policy.LoadBalancer.BackendUtilization is { } utilization)
            {
                Utilization(text, utilization, marks);
            }

            if (policy.LoadBalancer.Warmup is { } warmup)
            {
                text.Line(
                    $"Warmup: over {warmup.Duration}, from {Number(warmup.MinimumPercent)}%{marks.Of("loadBalancer.warmup.minimumPercent")} of the weight, "
                        + $"aggression {Number(warmup.Aggression)}{marks.Of("loadBalancer.warmup.aggression")}");
            }

            Localities(text, policy);
            text.Line(policy.PanicThreshold == 0
                ? $"Panic threshold: 0%{marks.Of("panicThreshold")}, ejected endpoints get nothing even where no other is left"
                : $"Panic threshold: {policy.PanicThreshold}%, where fewer are healthy all of them get requests");
            OutlierText.Write(text, policy, marks);
            ConnectionPoolText.Write(text, policy, marks, declared);
            if (policy.Tls is { } tls)
            {
                TlsText.Write(text, tls);
            }

            if (policy.RetryBudget is { } budget)
            {
                text.Line(
                    $"Retry budget: {budget.Percent}% of the requests within {budget.Interval}, and at least {budget.MinRetries} within {budget.MinInterval}");
            }
        }
    }

    /// <summary>The load balancer in a few words, as <c>RING_HASH by header "x-user"</c>.</summary>
    public static string LoadBalancer(EffectiveLoadBalancer balancer) => balancer.Hash is { } hash ? $"{balancer.Name} by {Source(hash)}" : balancer.Name;

    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string LoadBalancer(EffectivePolicy policy, DefaultMarks marks)
    {
        var balancer = policy.LoadBalancer;
        return balancer.Hash switch
        {
            null when balancer.Name == "PASSTHROUGH" => "PASSTHROUGH, which is any ready endpoint here, as behind a ClusterIP",
            null => $"{balancer.Name}{marks.Of("loadBalancer.name")}",
            { MinimumRingSize: { } ring } => $"{LoadBalancer(balancer)}, ring of at least {ring} entries{marks.Of("loadBalancer.hash.minimumRingSize")}",
            { TableSize: var table } => $"{LoadBalancer(balancer)}, table of {table} entries{marks.Of("loadBalancer.hash.tableSize")}",
        };
    }

    private static void Utilization(IndentedText text, EffectiveBackendUtilization utilization, DefaultMarks marks)
    {
        const string Path = "loadBalancer.backendUtilization";
        var metrics = utilization.MetricNamesForComputingUtilization;
        text.Line(
            "Weights: from load reports, "
                + (metrics.Count == 0 ? "by what applications report of themselves, else their processors" : $"by the highest of {string.Join(", ", metrics)}")
                + marks.Of($"{Path}.metricNamesForComputingUtilization"));
        text.Line(
            $"Weights count: after {utilization.WeightStabilizationPeriod} of reports{marks.Of($"{Path}.weightStabilizationPeriod")}, "
                + $"until {utilization.WeightExpirationPeriod} without{marks.Of($"{Path}.weightExpirationPeriod")}; "
                + $"worked out every {utilization.WeightUpdatePeriod}{marks.Of($"{Path}.weightUpdatePeriod")}, "
                + $"errors at {Number(utilization.ErrorUtilizationPenaltyPercent)}%{marks.Of($"{Path}.errorUtilizationPenaltyPercent")}");
    }

    private static string Source(EffectiveHash hash) => hash switch
    {
        { Source: "header" } => $"header \"{hash.Name}\"",
        { Source: "queryParameter" } => $"query parameter \"{hash.Name}\"",
        { Source: "cookie", Ttl: null } => $"cookie \"{hash.Name}\", which the mesh does not make",
        { Source: "cookie", Ttl: "0s" } => $"cookie \"{hash.Name}\", made where a request has none, for the session{Cookie(hash)}",
        { Source: "cookie" } => $"cookie \"{hash.Name}\", made where a request has none, for {hash.Ttl}{Cookie(hash)}",
        { Source: "none" } => "nothing, so that chance decides",
        _ => "the caller's address",
    };

    /// <summary>What else is written into a cookie, as it is written.</summary>
    private static string Cookie(EffectiveHash hash)
    {
        string[] parts =
        [
            .. hash.Path is { } path ? [$"Path={path}"] : Array.Empty<string>(),
            .. hash.Attributes.Select(static attribute => attribute.Value.Length == 0 ? attribute.Name : $"{attribute.Name}={attribute.Value}"),
        ];
        return parts.Length == 0 ? "" : $", with {string.Join("; ", parts)}";
    }

    private static void Localities(IndentedText text, EffectivePolicy policy)
    {
        if (policy.LocalityWeights.Count == 0)
        {
            return;
        }

        var total = policy.LocalityWeights.Sum(static weight => (long)weight.Weight);
        var shares = policy.LocalityWeights.Select(weight =>
            $"{(weight.Locality.Length == 0 ? "(unknown)" : weight.Locality)} {Number(total == 0 ? 0 : 100.0 * weight.Weight / total)}%");
        text.Line($"Localities: {string.Join(", ", shares)}; others get nothing");
    }
}
