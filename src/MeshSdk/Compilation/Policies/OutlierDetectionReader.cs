using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>
/// Reads <c>outlierDetection</c> as Istio hands it to its proxies. A detector that is not named is Envoy's default for consecutive 5xx, and off for
/// gateway errors.
/// </summary>
internal static class OutlierDetectionReader
{
    private const int DefaultFailures = 5;
    private const int DefaultMaxEjectionPercent = 10;

    /// <param name="block">Exists.</param>
    /// <returns>Null where the block as a whole cannot be read.</returns>
    public static OutlierDetectionModel? Read(PolicyBlock block)
    {
        block = block.Mapping().OnlyKnown(
            "splitExternalLocalOriginErrors", "consecutiveLocalOriginFailures", "consecutiveGatewayErrors", "consecutive5xxErrors", "interval", "baseEjectionTime",
            "maxEjectionPercent", "minHealthPercent", "outlierDetectionHttpErrorCodes", "consecutiveErrors");
        if (!block.Exists)
        {
            return null;
        }

        if (block.Member("consecutiveErrors") is { Exists: true } former)
        {
            former.Ignored("Istio has not acted on it for long; write consecutive5xxErrors or consecutiveGatewayErrors");
        }

        var splits = block.Flag("splitExternalLocalOriginErrors") ?? false;
        var localFailures = block.Limit("consecutiveLocalOriginFailures", uint.MaxValue);
        if (localFailures is not null && !splits)
        {
            block.Member("consecutiveLocalOriginFailures").Ignored("it means something only where splitExternalLocalOriginErrors is true");
        }

        var baseTime = block.Duration("baseEjectionTime");
        var defaults = new OutlierDetectionModel();
        return defaults with
        {
            Consecutive5xx = block.Number("consecutive5xxErrors", 0, uint.MaxValue) ?? DefaultFailures,
            ConsecutiveGatewayErrors = block.Number("consecutiveGatewayErrors", 0, uint.MaxValue) ?? 0,
            SplitsLocalOrigin = splits,
            ConsecutiveLocalOriginFailures = localFailures ?? DefaultFailures,
            ErrorCodes = ErrorCodes(block),
            Interval = block.Duration("interval") ?? defaults.Interval,
            BaseEjectionTime = baseTime ?? defaults.BaseEjectionTime,

            // A first ejection that is longer than the longest one is the longest.
            MaxEjectionTime = baseTime > defaults.MaxEjectionTime ? baseTime.Value : defaults.MaxEjectionTime,
            MaxEjectionPercent = block.Limit("maxEjectionPercent", 100) ?? DefaultMaxEjectionPercent,
        };
    }

    /// <summary>Below so many healthy of a hundred it is not looked at health any more; 0: it always is, also where nothing is stated.</summary>
    public static int PanicThreshold(PolicyBlock block) => block.Number("minHealthPercent", 0, 100) ?? 0;

    private static ImmutableArray<int> ErrorCodes(PolicyBlock block)
    {
        var codes = ImmutableArray.CreateBuilder<int>();
        foreach (var item in block.Items("outlierDetectionHttpErrorCodes"))
        {
            if (item.Json is { ValueKind: System.Text.Json.JsonValueKind.Number } number && number.TryGetInt32(out var code) && code is >= 100 and <= 599)
            {
                if (!codes.Contains(code))
                {
                    codes.Add(code);
                }
            }
            else
            {
                item.Fault($"{item.Json?.GetRawText()} is no status from 100 to 599, and left out");
            }
        }

        codes.Sort();
        return codes.ToImmutable();
    }
}
