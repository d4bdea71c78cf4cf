using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Detectors that do nothing as they are set, and what outlier detection brings with it.</summary>
internal sealed class OutlierDetectionRule : ILintRule
{
    public const string NeedsSplit = "LocalOriginNeedsSplit";
    public const string NoEffect = "GatewayErrorsWithoutEffect";
    public const string ZoneAffine = "OutlierDetectionTurnsOnLocality";

    private const long DefaultConsecutive5xx = 5;

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var policy in subject.Policies())
        {
            var detection = policy["outlierDetection"];
            if (!detection.Exists)
            {
                continue;
            }

            var local = detection["consecutiveLocalOriginFailures"];
            if (local.Number > 0 && detection["splitExternalLocalOriginErrors"].Node is not ScalarNode { Kind: ScalarKind.True })
            {
                yield return local.Error(NeedsSplit, "it needs splitExternalLocalOriginErrors: true, without which failures to connect count as errors of status 503");
            }

            var gateway = detection["consecutiveGatewayErrors"];
            var all = detection["consecutive5xxErrors"].Number ?? DefaultConsecutive5xx;
            if (gateway.Number > 0 && all > 0 && gateway.Number >= all)
            {
                yield return gateway.Warning(NoEffect, $"every gateway error is a 5xx error too, and {all} of those eject before: set it lower, or consecutive5xxErrors to 0");
            }

            if (!policy["loadBalancer"]["localityLbSetting"].Exists && !policy["loadBalancer"]["zoneAwareLbSetting"].Exists)
            {
                yield return detection.Info(
                    ZoneAffine, "where nodes have zones, outlier detection alone makes calls prefer the caller's own; loadBalancer.localityLbSetting.enabled: false keeps them even");
            }
        }
    }
}
