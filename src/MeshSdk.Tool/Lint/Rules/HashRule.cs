namespace MeshSdk.Tool.Lint.Rules;

/// <summary>What admission asks of a consistent hash: Istio's own default of the Maglev table is one that it does not admit.</summary>
internal sealed class HashRule : ILintRule
{
    public const string Deprecated = "DeprecatedField";
    public const string TableSize = "MaglevTableSizeRequired";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        from policy in subject.Policies()
        let maglev = policy["loadBalancer"]["consistentHash"]["maglev"]
        where maglev.Exists && (!maglev["tableSize"].Exists || maglev["tableSize"].Number == 0)
        select maglev["tableSize"].Error(TableSize, "Istio's admission asks for the size of the table, a prime such as 65537, which is the default without it");
}
