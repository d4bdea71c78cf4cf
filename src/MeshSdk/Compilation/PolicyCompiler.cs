using System.Collections.Immutable;
using System.Text.Json;
using MeshSdk.Compilation.Localities;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>What the destination rules of a service mean for one of its ports.</summary>
internal sealed record CompiledPolicy(LoadBalancerKind LoadBalancer, TimeSpan ConnectTimeout, TlsMode EndpointTls, ClusterPolicy Stated)
{
    /// <summary>What it says of localities; null where it says nothing.</summary>
    public LocalityBlock? Locality { get; init; }

    public bool HasOutlierDetection { get; init; }
}

/// <summary>Reads a traffic policy. What it does not act on it reports, block by block.</summary>
internal sealed class PolicyCompiler(ImmutableArray<DestinationRule> rules, CompilerOptions options, DiagnosticList diagnostics)
{
    private const string PolicyPath = "spec.trafficPolicy";

    // What a timer can hold.
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(49);

    public CompiledPolicy Compile(int servicePort)
    {
        if (rules.IsEmpty)
        {
            return new CompiledPolicy(LoadBalancerKind.LeastRequest, options.ConnectTimeout, TlsMode.None, ClusterPolicy.None);
        }

        foreach (var merged in rules)
        {
            if (!merged.Spec.Subsets.OrEmpty().IsEmpty)
            {
                diagnostics.Warning(
                    merged, DiagnosticCode.NotImplemented, "spec.subsets", "no HTTPRoute can address a subset; give each version a Service of its own");
            }
        }

        // No field is merged: the oldest rule that has a policy at all gives the whole of it.
        var rule = rules.FirstOrDefault(static candidate => candidate.Spec.TrafficPolicy is not null) ?? rules[0];
        var general = rule.Spec.TrafficPolicy;
        var (policy, path) = ForPort(general, servicePort);
        if (policy is not null)
        {
            ReportNotActedOn(rule, policy, path);
        }

        return new CompiledPolicy(
            LoadBalancerOf(rule, policy?.LoadBalancer, path),
            ConnectTimeoutOf(rule, policy?.ConnectionPool, path),
            EndpointTlsOf(rule, policy, general, path),
            new ClusterPolicy(rules[0].ServiceId(), ModeOf(policy?.Tls), policy?.OutlierDetection, policy?.ConnectionPool))
        {
            Locality = policy?.LoadBalancer?.LocalityLbSetting is { } locality ? new LocalityBlock(rule, locality, $"{path}.loadBalancer.localityLbSetting") : null,
            HasOutlierDetection = policy?.OutlierDetection is not null,
        };
    }

    /// <summary>An entry for the port replaces the general policy, also in what it does not state.</summary>
    private static (TrafficPolicy? Policy, string Path) ForPort(TrafficPolicy? general, int servicePort)
    {
        var entries = (general?.PortLevelSettings).OrEmpty();
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i]?.Port?.Number == servicePort)
            {
                var entry = entries[i] with { Tunnel = null, ProxyProtocol = null, RetryBudget = null };
                return (entry, $"{PolicyPath}.portLevelSettings[{i}]");
            }
        }

        return (general, PolicyPath);
    }

    private LoadBalancerKind LoadBalancerOf(DestinationRule rule, LoadBalancerSettings? settings, string path)
    {
        if (settings?.ConsistentHash is { } hash)
        {
            return Member(hash, "maglev") is null ? LoadBalancerKind.RingHash : LoadBalancerKind.Maglev;
        }

        switch (settings?.Simple)
        {
            case null or "" or "UNSPECIFIED" or "LEAST_CONN" or "LEAST_REQUEST":
                return LoadBalancerKind.LeastRequest;
            case "ROUND_ROBIN":
                return LoadBalancerKind.RoundRobin;
            case "RANDOM":
                return LoadBalancerKind.Random;
            case "PASSTHROUGH":
                return LoadBalancerKind.PassThrough;
            default:
                diagnostics.Error(
                    rule, DiagnosticCode.UnsupportedValue, $"{path}.loadBalancer.simple",
                    $"'{settings.Simple}' is not known, so LEAST_REQUEST is used; ROUND_ROBIN, LEAST_REQUEST, RANDOM and PASSTHROUGH are known");
                return LoadBalancerKind.LeastRequest;
        }
    }

    private TimeSpan ConnectTimeoutOf(DestinationRule rule, JsonElement? pool, string path)
    {
        if (Member(Member(pool, "tcp"), "connectTimeout") is not { } stated)
        {
            return options.ConnectTimeout;
        }

        if (stated.ValueKind == JsonValueKind.String
            && IstioDuration.TryParse(stated.GetString(), out var timeout)
            && timeout >= TimeSpan.FromMilliseconds(1))
        {
            if (timeout <= LongestTimeout)
            {
                return timeout;
            }

            diagnostics.Warning(
                rule, DiagnosticCode.UnsupportedValue, $"{path}.connectionPool.tcp.connectTimeout",
                $"{stated.GetRawText()} is longer than 49 days, which are used");
            return LongestTimeout;
        }

        diagnostics.Error(
            rule, DiagnosticCode.UnsupportedValue, $"{path}.connectionPool.tcp.connectTimeout",
            $"{stated.GetRawText()} is no duration of 1ms or more, such as 1.5s; {GatewayDuration.Format(options.ConnectTimeout)} is used");
        return options.ConnectTimeout;
    }

    /// <summary>A block without a mode says DISABLE: that is the first value of the enumeration.</summary>
    private static string? ModeOf(ClientTlsSettings? tls)
    {
        if (tls is null)
        {
            return null;
        }

        return string.IsNullOrEmpty(tls.Mode) ? "DISABLE" : tls.Mode;
    }

    private TlsMode EndpointTlsOf(DestinationRule rule, TrafficPolicy? policy, TrafficPolicy? general, string path)
    {
        var generalMode = ModeOf(general?.Tls);
        switch (ModeOf(policy?.Tls))
        {
            case "ISTIO_MUTUAL":
                return TlsMode.Istio;
            case "SIMPLE":
                return TlsMode.Simple;
            case "MUTUAL":
                return TlsMode.Mutual;
            case "DISABLE":
                return TlsMode.None;
            case null when generalMode is null or "DISABLE" or "SIMPLE" or "MUTUAL":
                return TlsMode.None;
            case null when generalMode == "ISTIO_MUTUAL":
                // As istiod does: a port entry without TLS settings drops the general ones, but for this decision.
                return TlsMode.Istio;
            case null:
                // It may have been meant to be ISTIO_MUTUAL.
                ReportMode(rule, generalMode!, PolicyPath);
                return TlsMode.Mutual;
            case var unknown:
                ReportMode(rule, unknown, path);
                return TlsMode.Mutual;
        }
    }

    private void ReportMode(DestinationRule rule, string mode, string path) => diagnostics.Error(
        rule,
        DiagnosticCode.UnsupportedValue,
        $"{path}.tls.mode",
        mode == ClientTlsSettings.Unreadable
            ? "the TLS settings of this rule cannot be read and have no last good version, so nothing is sent in plaintext; mend the rule"
            : $"'{mode}' is not known, so nothing is sent in plaintext; DISABLE, SIMPLE, MUTUAL and ISTIO_MUTUAL are known");

    private void ReportNotActedOn(DestinationRule rule, TrafficPolicy policy, string path)
    {
        Report(policy.OutlierDetection, "outlierDetection");
        Report(policy.Tunnel, "tunnel");
        Report(policy.ProxyProtocol, "proxyProtocol");
        Report(policy.RetryBudget, "retryBudget");
        if (policy.LoadBalancer is { Simple: "PASSTHROUGH", ConsistentHash: null })
        {
            diagnostics.NotImplemented(rule, $"{path}.loadBalancer.simple");
        }

        Report(policy.LoadBalancer?.ConsistentHash, "loadBalancer.consistentHash");
        Report(policy.LoadBalancer?.ZoneAwareLbSetting, "loadBalancer.zoneAwareLbSetting");
        Report(policy.LoadBalancer?.Warmup, "loadBalancer.warmup");
        if (policy.LoadBalancer?.WarmupDurationSecs is not null)
        {
            diagnostics.NotImplemented(rule, $"{path}.loadBalancer.warmupDurationSecs");
        }

        foreach (var layer in Members(policy.ConnectionPool))
        {
            foreach (var field in Members(layer.Value))
            {
                if ((layer.Name, field.Name) is not ("tcp", "connectTimeout"))
                {
                    diagnostics.NotImplemented(rule, $"{path}.connectionPool.{layer.Name}.{field.Name}");
                }
            }
        }

        void Report(JsonElement? block, string name)
        {
            if (block is not null)
            {
                diagnostics.NotImplemented(rule, $"{path}.{name}");
            }
        }
    }

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    private static JsonElement.ObjectEnumerator Members(JsonElement? parent) =>
        parent is { ValueKind: JsonValueKind.Object } value ? value.EnumerateObject() : default;
}
