using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>Reads <c>backendUtilization</c>: how endpoints are weighed by the load that they report. What is not stated is as gRPC has it.</summary>
internal static class BackendUtilizationReader
{
    /// <param name="block">Exists.</param>
    public static CompiledBalancer Read(PolicyBlock block)
    {
        block = block.Mapping().OnlyKnown(
            "weightExpirationPeriod", "weightStabilizationPeriod", "weightUpdatePeriod", "errorUtilizationPenaltyPercent", "metricNamesForComputingUtilization");
        if (!block.Exists)
        {
            return CompiledBalancer.Default;
        }

        var defaults = new BackendUtilizationModel();
        return CompiledBalancer.Default with
        {
            Kind = LoadBalancerKind.BackendUtilization,
            BackendUtilization = new BackendUtilizationModel
            {
                ExpirationPeriod = block.Duration("weightExpirationPeriod") ?? defaults.ExpirationPeriod,
                StabilizationPeriod = block.Duration("weightStabilizationPeriod", TimeSpan.Zero) ?? defaults.StabilizationPeriod,
                UpdatePeriod = UpdatePeriod(block) ?? defaults.UpdatePeriod,

                // 0 is stated by whoever wants errors to cost nothing: it is no field that is not set.
                ErrorPenalty = block.Number("errorUtilizationPenaltyPercent", 0, uint.MaxValue) is { } percent ? percent / 100.0 : defaults.ErrorPenalty,
                Metrics = Metrics(block),
            },
        };
    }

    private static TimeSpan? UpdatePeriod(PolicyBlock block)
    {
        var period = block.Duration("weightUpdatePeriod", TimeSpan.Zero);
        if (!(period < BackendUtilizationModel.ShortestUpdatePeriod))
        {
            return period;
        }

        block.Member("weightUpdatePeriod").Ignored("weights are worked out no more often than every 100ms, which is used");
        return BackendUtilizationModel.ShortestUpdatePeriod;
    }

    private static ImmutableArray<UtilizationMetric> Metrics(PolicyBlock block)
    {
        var metrics = ImmutableArray.CreateBuilder<UtilizationMetric>();
        foreach (var item in block.Items("metricNamesForComputingUtilization"))
        {
            if (item.Word() is not { } name)
            {
                continue;
            }

            if (UtilizationMetric.Parse(name) is not { } metric)
            {
                item.Fault($"a load report has no such number, and it is left out; there are {UtilizationMetric.Known}");
            }
            else if (!metrics.Contains(metric))
            {
                metrics.Add(metric);
            }
        }

        return metrics.ToImmutable();
    }
}
