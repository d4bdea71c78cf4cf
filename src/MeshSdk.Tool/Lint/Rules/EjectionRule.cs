using System.Globalization;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Outlier detection that can never eject: one endpoint alone is a larger share than may be ejected.</summary>
internal sealed class EjectionRule : ILintRule
{
    public const string Code = "NeverEjects";

    private const long DefaultPercent = 10;

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var detection in subject.Policies().Select(static policy => policy["outlierDetection"]).Where(static d => d.Exists))
        {
            var field = detection["maxEjectionPercent"];
            var percent = field.Number is > 0 and var stated ? stated : DefaultPercent;
            if (scene.EndpointsOf(subject.Spec["host"].Text ?? "", subject.Namespace) is > 0 and var endpoints && 100.0 / endpoints > percent)
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
