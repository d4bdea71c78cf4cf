using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>
/// The pods whose identities the endpoints of a service have to prove. A slice can be written by others than those who run the pods: what it says of a pod
/// counts only where that pod is of the slice's own namespace, and has the address itself.
/// </summary>
/// <param name="service">Whose endpoints they are.</param>
/// <param name="unknown">Set where its pods cannot be read.</param>
internal sealed class ProvenPods(Service service, UnknownScope? unknown)
{
    private readonly string? _unknown = unknown is null ? null : $"it is not known which Pods are behind Service {service.ServiceId()}: {unknown.Reason}";

    /// <summary>Whether the endpoint says that it is a pod.</summary>
    public static bool IsPod(in SliceSighting sighting) => ResourceStorePods.PodOf(sighting.Endpoint) is not null;

    /// <summary>Null where nothing proves that the endpoint is this pod.</summary>
    /// <param name="sighting">The endpoint as its slice has it.</param>
    /// <param name="pod">The pod of that name; null where there is none, or it is known to have other addresses.</param>
    public static Pod? Find(in SliceSighting sighting, Pod? pod) =>
        pod is not null && IsOwn(sighting) && !pod.Status.PodIPs.OrEmpty().IsEmpty && EndpointWorkloads.Has(pod, sighting.Address) ? pod : null;

    /// <summary>What is missing, for people.</summary>
    public string WhyNot(in SliceSighting sighting, Pod? pod)
    {
        var address = sighting.Address.Text;
        if (ResourceStorePods.PodOf(sighting.Endpoint) is not { } name)
        {
            return $"{sighting.Slice} names no Pod for {address} in targetRef, so its identity cannot be told; a DestinationRule can state subjectAltNames";
        }

        if (!IsOwn(sighting))
        {
            return $"{sighting.Slice} names a Pod of namespace {sighting.Endpoint.TargetRef!.Namespace} for {address}; only Pods of its own namespace count";
        }

        var subject = $"Pod {service.Metadata.Namespace}/{name}";
        return pod is not null || _unknown is null
            ? $"{(pod is null ? $"no {subject} with the address {address} is known" : $"{subject} states no addresses (status.podIPs)")}, which {sighting.Slice} names for it"
            : _unknown;
    }

    private static bool IsOwn(in SliceSighting sighting) =>
        sighting.Endpoint.TargetRef?.Namespace is not { Length: > 0 } stated || stated == sighting.Slice.Metadata.Namespace;
}
