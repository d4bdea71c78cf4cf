using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Policies;

/// <summary>Outlier detection for people: what it comes to in one line, and below it every number.</summary>
internal static class OutlierText
{
    public static void Write(IndentedText text, EffectivePolicy policy, DefaultMarks marks)
    {
        if (policy.OutlierDetection is not { } outliers)
        {
            text.Line($"Outlier detection: none{marks.Of("outlierDetection")}");
            return;
        }

        text.Line($"Outlier detection: {Summary(outliers)}");
        using (text.Indent())
        {
            Detectors(text, outliers, marks);
            text.Line($"Error codes: {(outliers.ErrorCodes.Count == 0 ? "500 to 599" : string.Join(", ", outliers.ErrorCodes))}{marks.Of("outlierDetection.errorCodes")}");
            text.Line($"Interval: {outliers.Interval}{marks.Of("outlierDetection.interval")}");
            text.Line(
                $"Base ejection time: {outliers.BaseEjectionTime}{marks.Of("outlierDetection.baseEjectionTime")}, times the number of ejections, at most "
                    + $"{outliers.MaxEjectionTime}{marks.Of("outlierDetection.maxEjectionTime")}");
            text.Line($"Max ejection percent: {outliers.MaxEjectionPercent}{marks.Of("outlierDetection.maxEjectionPercent")}{(outliers.AlwaysEjectsOne ? ", one always" : "")}");
        }
    }

    /// <summary>As in <c>ejects after 5 consecutive 5xx for 30s, at most 10% = 0 of 3 endpoints: never ejects</c>.</summary>
    public static string Summary(EffectiveOutlierDetection outliers)
    {
        string?[] triggers =
        [
            outliers.Consecutive5xxErrors > 0 ? $"{outliers.Consecutive5xxErrors} consecutive {(outliers.ErrorCodes.Count == 0 ? "5xx" : "errors")}" : null,
            outliers.ConsecutiveGatewayErrors > 0 ? $"{outliers.ConsecutiveGatewayErrors} consecutive gateway errors" : null,
            outliers is { SplitExternalLocalOriginErrors: true, ConsecutiveLocalOriginFailures: > 0 }
                ? $"{outliers.ConsecutiveLocalOriginFailures} consecutive local-origin failures"
                : null,
            outliers.SuccessRate is not null ? "a success rate below the others'" : null,
            outliers.FailurePercentage is { } share ? $"more than {share.Threshold}% failures" : null,
        ];
        string[] known = [.. triggers.OfType<string>()];
        if (known.Length == 0)
        {
            return "nothing is counted: never ejects";
        }

        var limit = $"at most {outliers.MaxEjectionPercent}% = {outliers.MostEjected} of {outliers.Endpoints} endpoints";
        return $"ejects after {string.Join(" or ", known)} for {outliers.BaseEjectionTime}, {limit}{(outliers.MostEjected == 0 ? ": never ejects" : "")}";
    }

    private static void Detectors(IndentedText text, EffectiveOutlierDetection outliers, DefaultMarks marks)
    {
        text.Line($"Consecutive 5xx: {Count(outliers.Consecutive5xxErrors)}{marks.Of("outlierDetection.consecutive5xxErrors")}");
        text.Line($"Consecutive gateway errors: {Count(outliers.ConsecutiveGatewayErrors)}{marks.Of("outlierDetection.consecutiveGatewayErrors")}");
        text.Line(outliers.SplitExternalLocalOriginErrors
            ? $"Local-origin failures: {Count(outliers.ConsecutiveLocalOriginFailures)}{marks.Of("outlierDetection.consecutiveLocalOriginFailures")}, counted apart"
            : $"Local-origin failures: counted with 5xx and gateway errors{marks.Of("outlierDetection.splitExternalLocalOriginErrors")}");
        if (outliers.SuccessRate is { } rate)
        {
            text.Line(
                $"Success rate: {PolicyText.Number(rate.StdevFactor / 1000.0)} standard deviations below the mean, of at least {rate.MinimumHosts} endpoints with "
                    + $"{rate.RequestVolume} requests an interval, enforced in {rate.Enforcement}%");
        }

        if (outliers.FailurePercentage is { } share)
        {
            text.Line(
                $"Failure percentage: above {share.Threshold}%, of at least {share.MinimumHosts} endpoints with {share.RequestVolume} requests an interval, "
                    + $"enforced in {share.Enforcement}%");
        }
    }

    private static string Count(int threshold) => threshold > 0 ? $"{threshold}" : "not looked at";
}
