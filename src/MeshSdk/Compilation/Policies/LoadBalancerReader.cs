using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Policies;

/// <summary>Reads <c>loadBalancer</c>, but for its locality settings.</summary>
internal static class LoadBalancerReader
{
    private const double DefaultMinimumPercent = 10;
    private const double DefaultAggression = 1;

    /// <param name="settings">Null where there are none.</param>
    /// <param name="block">Where they stand; what it holds is not looked at.</param>
    public static CompiledBalancer Read(LoadBalancerSettings? settings, PolicyBlock block)
    {
        if (settings is null)
        {
            return CompiledBalancer.Default;
        }

        (block with { Path = $"{block.Path}.zoneAwareLbSetting", Json = settings.ZoneAwareLbSetting }).NotImplemented();
        var slowStart = SlowStart(settings, block);
        if (settings.ConsistentHash is { } hash)
        {
            var place = block with { Path = $"{block.Path}.consistentHash", Json = hash };
            if (!string.IsNullOrEmpty(settings.Simple))
            {
                place.Fault("consistentHash and simple exclude each other; consistentHash is used");
            }

            if (settings.BackendUtilization is not null)
            {
                (block with { Path = $"{block.Path}.backendUtilization" }).Fault("consistentHash and backendUtilization exclude each other; consistentHash is used");
            }

            return Checked(ConsistentHashReader.Read(place), slowStart, block);
        }

        if (settings.BackendUtilization is { } utilization)
        {
            var place = block with { Path = $"{block.Path}.backendUtilization", Json = utilization };
            if (!string.IsNullOrEmpty(settings.Simple))
            {
                place.Fault("backendUtilization and simple exclude each other; backendUtilization is used");
            }

            return Checked(BackendUtilizationReader.Read(place), slowStart, block);
        }

        return Checked(CompiledBalancer.Default with { Kind = Simple(settings, block) }, slowStart, block);
    }

    private static LoadBalancerKind Simple(LoadBalancerSettings settings, PolicyBlock block)
    {
        switch (settings.Simple)
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
                (block with { Path = $"{block.Path}.simple" }).Fault(
                    $"'{settings.Simple}' is not known, so LEAST_REQUEST is used; ROUND_ROBIN, LEAST_REQUEST, RANDOM and PASSTHROUGH are known");
                return LoadBalancerKind.LeastRequest;
        }
    }

    /// <summary>Slow start weighs endpoints, which only these kinds look at.</summary>
    private static CompiledBalancer Checked(CompiledBalancer balancer, (SlowStartModel? Model, string Field) slowStart, PolicyBlock block)
    {
        if (slowStart.Model is null || balancer.Kind is LoadBalancerKind.RoundRobin or LoadBalancerKind.LeastRequest or LoadBalancerKind.BackendUtilization)
        {
            return balancer with { SlowStart = slowStart.Model };
        }

        (block with { Path = $"{block.Path}.{slowStart.Field}" }).Ignored("only ROUND_ROBIN, LEAST_REQUEST and backendUtilization know new endpoints from others");
        return balancer;
    }

    private static (SlowStartModel? Model, string Field) SlowStart(LoadBalancerSettings settings, PolicyBlock block)
    {
        if (settings.Warmup is { } json)
        {
            if (settings.WarmupDurationSecs is not null)
            {
                (block with { Path = $"{block.Path}.warmupDurationSecs" }).Ignored("warmup takes its place");
            }

            return (Warmup((block with { Path = $"{block.Path}.warmup", Json = json }).Mapping().OnlyKnown("duration", "minimumPercent", "aggression")), "warmup");
        }

        if (settings.WarmupDurationSecs is not { } text)
        {
            return default;
        }

        if (IstioDuration.TryParse(text, out var window) && window >= TimeSpan.FromMilliseconds(1))
        {
            return (new SlowStartModel(window, DefaultMinimumPercent, DefaultAggression), "warmupDurationSecs");
        }

        (block with { Path = $"{block.Path}.warmupDurationSecs" }).Fault($"'{text}' is no duration of 1ms or more, such as 60s; new endpoints have their full share at once");
        return default;
    }

    private static SlowStartModel? Warmup(PolicyBlock warmup)
    {
        if (!warmup.Exists)
        {
            return null;
        }

        if (warmup.Duration("duration") is not { } window)
        {
            if (!warmup.Member("duration").Exists)
            {
                warmup.Member("duration").Fault("it is needed; new endpoints have their full share at once");
            }

            return null;
        }

        var aggression = warmup.Fraction("aggression", 0, double.MaxValue);
        if (aggression == 0)
        {
            warmup.Member("aggression").Fault("it must be more than 0; 1 is used");
        }

        return new SlowStartModel(window, warmup.Fraction("minimumPercent", 0, 100) ?? DefaultMinimumPercent, aggression is > 0 ? aggression.Value : DefaultAggression);
    }
}
