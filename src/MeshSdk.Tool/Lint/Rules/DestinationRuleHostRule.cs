namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Which hosts a destination rule can be for. One with a dot is taken literally: backend.shop is no short form of backend.shop.svc.cluster.local.</summary>
internal sealed class DestinationRuleHostRule : ILintRule
{
    public const string Code = "HostNotFullyQualified";
    public const string Invalid = "HostInvalid";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (!subject.IsDestinationRule() || subject.Spec["host"] is not { Text: { } text } host)
        {
            yield break;
        }

        var labels = text.Split('.');
        if (!IsHost(text, labels))
        {
            yield return host.Error(
                Invalid, $"'{text}' is no host: labels of a-z, 0-9 and '-', up to 63 characters each, of which the first may be or begin with '*'");
        }
        else if (!text.Contains('*', StringComparison.Ordinal) && (labels.Length == 2 || (labels.Length == 3 && labels[2] == "svc")))
        {
            yield return host.Warning(
                Code, $"'{text}' is taken literally and means no Service; write {labels[0]}.{labels[1]}.svc.{scene.ClusterDomain}, or {labels[0]} alone in its namespace");
        }
    }

    private static bool IsHost(string text, string[] labels) =>
        System.Net.IPAddress.TryParse(text, out _) || (IsFirst(labels[0]) && labels.Skip(1).All(IsLabel));

    private static bool IsFirst(string label) => label == "*" || IsLabel(label.StartsWith('*') ? label[1..].TrimStart('-') : label);

    private static bool IsLabel(string label) => KubernetesSyntax.Label().IsMatch(label.ToLowerInvariant());
}
