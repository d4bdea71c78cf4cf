using System.Text.RegularExpressions;

namespace MeshSdk.Tool.Lint;

/// <summary>Names and labels as Kubernetes has them.</summary>
internal static partial class KubernetesSyntax
{
    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    public static partial Regex Label();

    [GeneratedRegex(@"\A([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\z", RegexOptions.CultureInvariant)]
    public static partial Regex LabelKey();

    [GeneratedRegex(@"\A([a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)?\z", RegexOptions.CultureInvariant)]
    public static partial Regex LabelValue();
}
