namespace MeshSdk.Resources;

/// <summary>By what a pod shows that somebody else handles its traffic: marks that a mesh puts on it when it really does, and not the wishes of its owner.</summary>
internal static class PodMarks
{
    /// <summary>Set by the node's agent of Istio's ambient mode when it takes the pod's connections; <see cref="Redirected"/> once it does.</summary>
    public const string Redirection = Pod.RedirectionAnnotation;

    public const string Redirected = "enabled";

    /// <summary>Set with Linkerd's sidecar, to its version.</summary>
    public const string LinkerdVersion = "linkerd.io/proxy-version";

    /// <summary>Set by Istio's injection, whatever it has injected.</summary>
    public const string IstioStatus = "sidecar.istio.io/status";

    /// <summary>What Istio's injection was to inject.</summary>
    public const string IstioTemplates = "inject.istio.io/templates";

    /// <summary>The template of Istio's agent without a proxy.</summary>
    public const string AgentTemplate = "grpc-agent";

    /// <summary>The label of pods that take the tunnel of ambient mode; a list of protocols.</summary>
    public const string Tunnel = "networking.istio.io/tunnel";

    public const string TunnelProtocol = "http";

    private static readonly string[] Annotations = [Redirection, LinkerdVersion, IstioStatus, IstioTemplates];

    public static string? Annotation(this Resource resource, string name) => resource.Metadata.Annotations?.GetValueOrDefault(name);

    /// <summary>Whether two versions of a pod show the same.</summary>
    public static bool AreAlike(Pod left, Pod right) =>
        left.Spec.Containers == right.Spec.Containers
        && left.Spec.InitContainers == right.Spec.InitContainers
        && Array.TrueForAll(Annotations, name => left.Annotation(name) == right.Annotation(name));

    /// <summary>The annotations of a pod of which the API server has told all containers: what these say better is left out, as is all that nobody reads.</summary>
    public static Dictionary<string, string>? Slim(Dictionary<string, string>? annotations)
    {
        Dictionary<string, string>? kept = null;
        foreach (var name in (ReadOnlySpan<string>)[Redirection, LinkerdVersion])
        {
            if (annotations?.GetValueOrDefault(name) is { } value)
            {
                (kept ??= new(1, StringComparer.Ordinal))[name] = value;
            }
        }

        return kept;
    }
}
