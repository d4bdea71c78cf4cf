namespace MeshSdk.Tool.Lint.Rules;

/// <summary>A reference to a Service needs the Service's port, wherever it stands.</summary>
internal sealed class BackendRefRule : ILintRule
{
    public const string Code = "BackendPortRequired";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        from reference in subject.Rules().SelectMany(static rule => rule["backendRefs"].Items)
            .Concat(subject.Filters().Select(static filter => filter["requestMirror"]["backendRef"]))
            .Concat(subject.Filters().Select(static filter => filter["externalAuth"]["backendRef"]))
        where reference.Exists && reference.IsService() && !reference["port"].Exists
        select reference["port"].Error(Code, "a reference to a Service needs its port: that of the Service, not of its pods");
}
