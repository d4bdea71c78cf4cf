using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Outlier detection that can never eject: one endpoint alone is a larger share than may be ejected.</summary>
internal sealed class EjectionRule : ILintRule
{
    public const string Code = "NeverEjects";

    private static readonly int DefaultPercent = new OutlierDetectionModel().MaxEjectionPercent;

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var detection in subject.Policies().Select(static policy => policy["outlierDetection"]).Where(static d => d.Exists))
        {
            var field = detection["maxEjectionPercent"];
            var percent = field.Number is > 0 and var stated ? (int)Math.Min(stated, 100) : DefaultPercent;
            if (scene.EndpointsOf(subject.Spec["host"].Text ?? "", subject.Namespace) is > 0 and var endpoints
                && !EjectionLimit.Allows(new OutlierDetectionModel { MaxEjectionPercent = percent }, ejected: 0, endpoints))
            {
                yield return field.Warning(
                    Code,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"at most {percent} % may be ejected, and one of {endpoints} endpoints is {100.0 / endpoints:0.#} %: none ever is; at least {Math.Ceiling(100.0 / endpoints):0} is needed"));
            }
        }
    }
}
