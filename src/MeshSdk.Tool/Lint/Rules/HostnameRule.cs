using System.Net;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Host names of routes are names. That they do not count for a Service as parent is what the library itself says.</summary>
internal sealed class HostnameRule : ILintRule
{
    public const string Code = "HostnameIsAddress";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        from host in subject.IsRoute ? subject.Spec["hostnames"].Items : []
        where IPAddress.TryParse(host.Text, out _)
        select host.Error(Code, $"'{host.Text}' is an address; only names are allowed");
}
