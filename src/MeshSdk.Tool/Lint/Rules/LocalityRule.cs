using System.Globalization;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>What admission asks of locality settings, and failover that never happens.</summary>
internal sealed class LocalityRule : ILintRule
{
    public const string Invalid = "LocalityInvalid";
    public const string NeedsDetection = "FailoverNeedsOutlierDetection";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        subject.Policies().SelectMany(policy => Check(
            policy["loadBalancer"]["localityLbSetting"],
            policy["outlierDetection"].Exists || scene.EjectsWithoutRule(subject.Spec["host"].Text ?? "", subject.Namespace)));

    private static IEnumerable<LintFinding> Check(LintField setting, bool detects)
    {
        var (distribute, failover, priority) = (setting["distribute"], setting["failover"], setting["failoverPriority"]);
        if (distribute.Items.Count > 0 && failover.Items.Count > 0)
        {
            yield return distribute.Error(Invalid, "distribute and failover exclude each other");
        }

        foreach (var finding in distribute.Items.SelectMany(Distribution).Concat(failover.Items.SelectMany(Failover)))
        {
            yield return finding;
        }

        foreach (var list in new[] { failover, priority }.Where(list => list.Items.Count > 0 && distribute.Items.Count == 0 && !detects))
        {
            yield return list.Warning(
                NeedsDetection, "without outlierDetection it is never known that a locality fails, and it has no effect; what a Service's trafficDistribution says does not hold beside it either");
        }
    }

    private static IEnumerable<LintFinding> Distribution(LintField entry)
    {
        if (Problem(entry["from"].Text ?? "") is { } problem)
        {
            yield return entry["from"].Error(Invalid, problem);
        }

        var sum = 0L;
        foreach (var name in entry["to"].Names)
        {
            var weight = entry["to"][name];
            sum += weight.Number ?? 0;
            if ((weight.Number is not (>= 1 and <= 100) ? "a weight is 1 to 100" : Problem(name)) is { } wrong)
            {
                yield return weight.Error(Invalid, wrong);
            }
        }

        if (sum != 100)
        {
            yield return entry["to"].Error(Invalid, string.Create(CultureInfo.InvariantCulture, $"the weights add up to {sum}, and must to 100"));
        }
    }

    private static string? Problem(string locality)
    {
        var star = locality.IndexOf('*', StringComparison.Ordinal);
        return locality.Length == 0 ? "a locality is region/zone/subzone, or the beginning of one"
            : star >= 0 && (star != locality.Length - 1 || (star > 0 && locality[star - 1] != '/')) ? "a locality may have one '*', as its last part"
            : locality.Split('/').Take(3).Any(static part => part.Length == 0) ? "no part of a locality may be empty"
            : null;
    }

    private static IEnumerable<LintFinding> Failover(LintField entry)
    {
        var (from, to) = (entry["from"], entry["to"]);
        foreach (var region in new[] { from, to }.Where(static region => region.Text is null or "" || region.Text.AsSpan().ContainsAny('/', '*')))
        {
            yield return region.Error(Invalid, "failover is from a region to a region: no zone, and no '*'");
        }

        if (from.Text is { Length: > 0 } text && text == to.Text)
        {
            yield return to.Error(Invalid, "a region cannot fail over to itself");
        }
    }
}
