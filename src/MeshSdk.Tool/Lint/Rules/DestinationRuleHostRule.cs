namespace MeshSdk.Tool.Lint.Rules;

/// <summary>A host with a dot is taken literally: backend.shop is no short form of backend.shop.svc.cluster.local, and the rule is for nobody.</summary>
internal sealed class DestinationRuleHostRule : ILintRule
{
    public const string Code = "HostNotFullyQualified";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (subject is not { Group: "networking.istio.io", Kind: "DestinationRule" })
        {
            yield break;
        }

        var host = subject.Spec["host"];
        var labels = (host.Text ?? "").Split('.');
        if (host.Text?.Contains('*', StringComparison.Ordinal) == false && (labels.Length == 2 || (labels.Length == 3 && labels[2] == "svc")))
        {
            yield return host.Warning(
                Code, $"'{host.Text}' is taken literally and means no Service; write {labels[0]}.{labels[1]}.svc.{scene.ClusterDomain}, or {labels[0]} alone in its namespace");
        }
    }
}
