using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Coexistence;

/// <summary>
/// Finds out whether somebody else handles the traffic of the caller: by what its own pod is made of and what a mesh has noted on it. Never by ports that
/// are open, which anybody may have opened.
/// </summary>
internal static class LocalProxyFinder
{
    /// <param name="caller">What it states itself comes before all else.</param>
    /// <param name="pod">Its own pod; null where that is not known.</param>
    public static LocalProxy Find(CallerContext caller, Pod? pod)
    {
        if (caller.Proxy is { } stated)
        {
            return stated;
        }

        if (pod is null)
        {
            return new LocalProxy(LocalProxyKind.None, caller.Pod is { } name
                ? $"nothing is known of its own Pod {caller.Namespace}/{name}"
                : "the name of its own Pod is not known (POD_NAME)");
        }

        return SidecarOf(pod) is { } sidecar ? new LocalProxy(LocalProxyKind.Sidecar, $"{pod} has {sidecar}")
            : pod.Annotation(PodMarks.Redirection) == PodMarks.Redirected
                ? new LocalProxy(LocalProxyKind.Ambient, $"{pod} has the annotation {PodMarks.Redirection}: {PodMarks.Redirected}")
            : new LocalProxy(LocalProxyKind.None, $"{pod} has neither a sidecar nor the annotation {PodMarks.Redirection}: {PodMarks.Redirected}");
    }

    private static string? SidecarOf(Pod pod)
    {
        var containers = (pod.Spec.Containers ?? PodProxies.None) | (pod.Spec.InitContainers ?? PodProxies.None);
        if (containers.HasFlag(PodProxies.Istio))
        {
            return "the container istio-proxy";
        }

        if (containers.HasFlag(PodProxies.Linkerd))
        {
            return "the container linkerd-proxy";
        }

        if (pod.Annotation(PodMarks.LinkerdVersion) is { Length: > 0 })
        {
            return $"the annotation {PodMarks.LinkerdVersion}";
        }

        // Injection leaves its note also where all that it injects is the agent. Where the containers are listed they say which of the two it was.
        var isAgent = (pod.Annotation(PodMarks.IstioTemplates) ?? "").Split(',', StringSplitOptions.TrimEntries).Contains(PodMarks.AgentTemplate);
        return pod.Spec is { Containers: null, InitContainers: null } && !isAgent && pod.Annotation(PodMarks.IstioStatus) is { Length: > 0 }
            ? $"the annotation {PodMarks.IstioStatus}"
            : null;
    }
}
