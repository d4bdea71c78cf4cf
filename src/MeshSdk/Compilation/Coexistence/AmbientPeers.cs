using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Coexistence;

/// <summary>
/// What ambient mode changes about the endpoints of a service. Between two pods that it has captured it encrypts and proves identities by itself, and the
/// application behind it speaks plaintext: mutual TLS of the process's own would meet nobody who understands it. From any other pod such an endpoint is
/// reached in plaintext or not at all.
/// </summary>
internal sealed class AmbientPeers(LocalProxy proxy)
{
    /// <summary>Shared by all endpoints.</summary>
    public const string Reason = "ambient mode encrypts between this pod and that one";

    /// <summary>Whether the proxy of its node takes the pod's connections, or its own takes those of the tunnel.</summary>
    public static bool IsCaptured(Pod pod) =>
        pod.Annotation(PodMarks.Redirection) == PodMarks.Redirected
        || (pod.Label(PodMarks.Tunnel) ?? "").Split(',', StringSplitOptions.TrimEntries).Contains(PodMarks.TunnelProtocol);

    /// <param name="decision">What policies want.</param>
    /// <param name="pod">The pod behind the endpoint; null where that is not known. One whose addresses are not known vouches for nothing.</param>
    public EndpointTlsDecision Adjust(EndpointTlsDecision decision, Pod? pod)
    {
        if (pod is null || pod.Status.PodIPs.OrEmpty().IsEmpty || !IsCaptured(pod))
        {
            return decision;
        }

        // TLS that a policy asks for beside the mesh's own is the application's, and goes through the tunnel like anything else.
        if (proxy.Kind == LocalProxyKind.Ambient)
        {
            // Its proxies prove that a pod is of its own account, which has to be one of those that a rule states.
            return decision.Doubt is { } doubt ? decision with { Withheld = $"{doubt}; {Reason}, so that it cannot show any other" }
                : decision.Mode is TlsMode.None or TlsMode.Istio ? new(TlsMode.None, Reason) { IsCarried = true } : decision;
        }

        return decision.Withheld is null ? decision : decision with
        {
            Withheld = $"{decision.Withheld}; the pod is captured by ambient mode, which this process is not in ({proxy.Evidence}): it lets in nothing else under STRICT",
        };
    }
}
