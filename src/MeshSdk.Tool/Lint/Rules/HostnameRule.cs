using System.Net;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Host names of routes are names. That they do not count for a Service as parent is what the library itself says.</summary>
internal sealed class HostnameRule : ILintRule
{
    public const string Code = "HostnameIsAddress";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        from host in subject.IsRoute ? subject.Spec["hostnames"].Items : []
        where host.Text is { } text && IsAddress(text)
        select host.Error(Code, $"'{host.Text}' is an address; only names are allowed");

    // A number alone, which some programs take for an address as well, is a label as good as any.
    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out _) && (text.Contains(':', StringComparison.Ordinal) || text.Count(static c => c == '.') == 3);
}
