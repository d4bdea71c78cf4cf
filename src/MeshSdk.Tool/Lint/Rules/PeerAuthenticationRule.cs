namespace MeshSdk.Tool.Lint.Rules;

/// <summary>What of a PeerAuthentication means nothing where it stands, and who comes before it.</summary>
internal sealed class PeerAuthenticationRule : ILintRule
{
    public const string Ports = "PortLevelMtlsInvalid";
    public const string NoEffect = "PeerAuthenticationWithoutEffect";

    private const long HighestPort = 65535;

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        subject is { Group: "security.istio.io", Kind: "PeerAuthentication" } ? [.. PortLevel(subject.Spec), .. Effect(subject, scene)] : [];

    private static IEnumerable<LintFinding> PortLevel(LintField spec)
    {
        var ports = spec["portLevelMtls"];
        if (!ports.Exists)
        {
            yield break;
        }

        if (!HasSelector(spec))
        {
            yield return ports.Error(Ports, "portLevelMtls needs a selector with matchLabels: without one it is not said whose ports they are");
        }

        foreach (var name in ports.Names.Where(static name => !long.TryParse(name, out var number) || number is < 1 or > HighestPort))
        {
            yield return ports[name].Error(Ports, $"'{name}' is no port; the number of a port of the pod, not of a Service, is expected");
        }
    }

    private static IEnumerable<LintFinding> Effect(LintObject subject, LintScene scene)
    {
        var selector = subject.Spec["selector"];
        if (HasSelector(subject.Spec))
        {
            if (subject.Namespace == scene.RootNamespace)
            {
                yield return selector.Warning(NoEffect, "in the root namespace of the mesh a policy with a selector is for nobody; put it into the namespace of the pods");
            }
        }
        else if (scene.PeersBefore(subject) is { } before)
        {
            yield return subject.Root["metadata"].Warning(
                NoEffect, $"{before.Subject} is for the same pods and comes first (the older one does, of equally old ones the first by name), so that this one does not count");
        }
    }

    private static bool HasSelector(LintField spec) => spec["selector"]["matchLabels"].Names.Any();
}
