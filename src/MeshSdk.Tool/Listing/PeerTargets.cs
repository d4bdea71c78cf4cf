using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tool.Listing;

/// <summary>Which pods a peer authentication is for, and behind which services they stand.</summary>
internal static class PeerTargets
{
    /// <summary>Not stated is UNSET: what is above it counts.</summary>
    public static string ModeOf(PeerMutualTls? mtls) => mtls?.Mode is { Length: > 0 } mode ? mode : "UNSET";

    /// <summary>As kubectl writes a selector; none where it is for all pods.</summary>
    public static IEnumerable<string> SelectorOf(PeerAuthentication policy) =>
        (policy.Spec.Selector?.MatchLabels ?? []).OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}");

    /// <summary>
    /// Services that select pods which the policy is for, whether or not others come before it. One with a selector holds in its own namespace alone; one
    /// without holds for the whole mesh where it stands in the root namespace.
    /// </summary>
    public static IEnumerable<ServiceId> Of(PeerAuthentication policy, ResourceStore store, string rootNamespace) => store.Services.Where(service =>
        policy.HasSelector
            ? service.Namespace == policy.Metadata.Namespace && policy.Metadata.Namespace != rootNamespace && SelectsPodsOf(policy, service, store)
            : service.Namespace == policy.Metadata.Namespace || policy.Metadata.Namespace == rootNamespace);

    private static bool SelectsPodsOf(PeerAuthentication policy, ServiceId service, ResourceStore store) =>
        PodsBehind(service, store).Any(pod => policy.Selects(pod.Metadata.Labels));

    /// <summary>The pods that endpoints of the service name, as far as they could be read; in order of their names.</summary>
    public static IEnumerable<Pod> PodsBehind(ServiceId service, ResourceStore store) => store.SlicesOf(service)
        .SelectMany(static slice => slice.Endpoints.OrEmpty().Select(endpoint => (slice.Metadata.Namespace, Name: ResourceStorePods.PodOf(endpoint))))
        .Where(static pod => pod.Name is not null)
        .Distinct()
        .OrderBy(static pod => pod.Name, StringComparer.Ordinal)
        .Select(pod => store.FindPod(pod.Namespace, pod.Name!))
        .OfType<Pod>();
}
