using System.Collections.Immutable;
using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Reads the XBackendTrafficPolicy of a service: the oldest one that names it counts, as a whole.</summary>
internal sealed class TrafficPolicyCompiler(DiagnosticList diagnostics)
{
    private const int DefaultPercent = 20;
    private const int DefaultCount = 10;
    private const int HighestCount = 1_000_000;

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultMinInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);

    /// <summary>How many retries the service takes; null where no policy limits them.</summary>
    /// <param name="service">Whose policies they are.</param>
    /// <param name="policies">Those that name the service, the oldest first.</param>
    public RetryBudget? Compile(ServiceId service, ImmutableArray<BackendTrafficPolicy> policies)
    {
        if (policies.IsEmpty)
        {
            return null;
        }

        foreach (var loser in policies.Skip(1))
        {
            diagnostics.Warning(
                loser, DiagnosticCode.Conflicted, "spec.targetRefs", $"{policies[0]} names Service {service} already and is older, so this one does not count there");
        }

        var policy = policies[0];
        ServiceSessions.Compile(policy, diagnostics);
        ReportSections(policy, service);
        return policy.Spec.RetryConstraint is { } constraint ? Compile(policy, constraint) : null;
    }

    private RetryBudget Compile(BackendTrafficPolicy policy, RetryConstraint constraint)
    {
        const string Path = "spec.retryConstraint";
        return new RetryBudget(
            Number(policy, constraint.Budget?.Percent, $"{Path}.budget.percent", 0, 100, DefaultPercent),
            Interval(policy, constraint.Budget?.Interval, $"{Path}.budget.interval", TimeSpan.FromSeconds(1), DefaultInterval),
            Number(policy, constraint.MinRetryRate?.Count, $"{Path}.minRetryRate.count", 1, HighestCount, DefaultCount),
            Interval(policy, constraint.MinRetryRate?.Interval, $"{Path}.minRetryRate.interval", TimeSpan.FromMilliseconds(1), DefaultMinInterval));
    }

    private int Number(BackendTrafficPolicy policy, int? stated, string path, int lowest, int highest, int byDefault)
    {
        if (stated is null || (stated >= lowest && stated <= highest))
        {
            return stated ?? byDefault;
        }

        diagnostics.Error(
            policy, DiagnosticCode.UnsupportedValue, path,
            string.Create(CultureInfo.InvariantCulture, $"{stated} is no number from {lowest} to {highest}; {byDefault} is used"));
        return byDefault;
    }

    private TimeSpan Interval(BackendTrafficPolicy policy, string? stated, string path, TimeSpan shortest, TimeSpan byDefault)
    {
        if (stated is null)
        {
            return byDefault;
        }

        if (GatewayDuration.TryParse(stated, out var interval) && interval >= shortest && interval <= LongestInterval)
        {
            return interval;
        }

        diagnostics.Error(
            policy, DiagnosticCode.UnsupportedValue, path,
            $"'{stated}' is no duration from {GatewayDuration.Format(shortest)} to 1h; {GatewayDuration.Format(byDefault)} is used");
        return byDefault;
    }

    private void ReportSections(BackendTrafficPolicy policy, ServiceId service)
    {
        for (var i = 0; i < policy.Targets.Length; i++)
        {
            if (policy.ServiceTarget(policy.Targets[i]) == service && !string.IsNullOrEmpty(policy.Targets[i].SectionName))
            {
                diagnostics.Warning(
                    policy, DiagnosticCode.Ignored, $"spec.targetRefs[{i}].sectionName", "the policy is for a Service as a whole, and applies to all ports of it");
            }
        }
    }
}
