namespace MeshSdk.Tool.Lint.Rules;

/// <summary>External authorization has the settings of the protocol that it speaks.</summary>
internal sealed class ExternalAuthRule : ILintRule
{
    public const string Code = "ExternalAuthProtocol";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        foreach (var auth in subject.Filters().Select(static filter => filter["externalAuth"]))
        {
            var (right, wrong) = auth["protocol"].Text switch
            {
                "HTTP" => ("http", "grpc"),
                "GRPC" => ("grpc", "http"),
                _ => (null, null),
            };
            if (right is not null && !auth[right].Exists)
            {
                yield return auth[right].Error(Code, $"protocol {auth["protocol"].Text} needs its {right}");
            }

            if (wrong is not null && auth[wrong].Exists)
            {
                yield return auth[wrong].Error(Code, $"protocol {auth["protocol"].Text} has no {wrong}");
            }
        }
    }
}
