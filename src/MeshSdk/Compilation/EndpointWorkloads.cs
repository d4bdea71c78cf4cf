using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// Says of the endpoints of one service what they are replicas of, and under which account they run. A pod counts where it still has the address: the name
/// alone may be that of its successor.
/// </summary>
internal sealed class EndpointWorkloads(Func<string, Pod?> findPod)
{
    private const string DefaultAccount = "default";

    // Replicas share the text.
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The pod behind an endpoint; null where that is something else, or not read.</summary>
    public Pod? FindPod(in SliceSighting sighting) =>
        ResourceStorePods.PodOf(sighting.Endpoint) is { } name && findPod(name) is { } pod && Has(pod, sighting.Address) ? pod : null;

    /// <summary>Whether a pod has an address, or states none at all.</summary>
    public static bool Has(Pod pod, PeerAddress address)
    {
        var addresses = pod.Status.PodIPs.OrEmpty();
        return addresses.IsEmpty || addresses.Any(stated => PeerAddress.TryParse(stated?.Ip, out var parsed) && parsed == address);
    }

    public (string? Workload, string? ServiceAccount) Of(in SliceSighting sighting, Pod? pod)
    {
        if (ResourceStorePods.PodOf(sighting.Endpoint) is not { } name)
        {
            return default;
        }

        return pod is not null
            ? (Shared(PodWorkload.Of(pod)), pod.Spec.ServiceAccountName is { Length: > 0 } account ? Shared(account) : DefaultAccount)
            : (Shared(PodWorkload.OfName(name)), null);
    }

    private string Shared(string text)
    {
        if (_names.TryGetValue(text, out var shared))
        {
            return shared;
        }

        _names.Add(text);
        return text;
    }
}
