using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Resources;

/// <summary>
/// Which services have endpoints on which pod. Kept only where pods are read at all: nobody else needs it, and a large mesh has an entry for each endpoint.
/// </summary>
internal sealed class ResourceStorePods
{
    private const string PodKind = "Pod";

    private readonly Dictionary<(string Namespace, string Name), ImmutableArray<EndpointSlice>> _slices = [];

    public ResourceStorePods(IEnumerable<EndpointSlice> slices)
    {
        foreach (var slice in slices)
        {
            Add(slice);
        }
    }

    /// <summary>The name of the pod behind an endpoint, which is in the namespace of its slice; null where it is something else.</summary>
    public static string? PodOf(SliceEndpoint? endpoint) =>
        endpoint?.TargetRef is { Kind: PodKind, Name: { Length: > 0 } name } ? name : null;

    /// <summary>Whether two versions of a pod mean the same to the mesh; they differ all the time in what it does not read.</summary>
    public static bool AreAlike(Pod left, Pod right) =>
        left.Spec.ServiceAccountName == right.Spec.ServiceAccountName
        && left.Spec.NodeName == right.Spec.NodeName
        && PodMarks.AreAlike(left, right)
        && SameLabels(left.Metadata.Labels ?? [], right.Metadata.Labels ?? [])
        && left.Metadata.OwnerReferences.OrEmpty().SequenceEqual(right.Metadata.OwnerReferences.OrEmpty())
        && left.Status.PodIPs.OrEmpty().SequenceEqual(right.Status.PodIPs.OrEmpty());

    public void Add(EndpointSlice slice)
    {
        foreach (var key in PodsOf(slice))
        {
            _slices[key] = _slices.GetValueOrDefault(key, []).Add(slice);
        }
    }

    public void Remove(EndpointSlice slice)
    {
        foreach (var key in PodsOf(slice))
        {
            // A slice that names a pod twice stands there twice, and is taken away at once.
            var rest = _slices.GetValueOrDefault(key, []).RemoveAll(other => ReferenceEquals(other, slice));
            if (rest.IsEmpty)
            {
                _slices.Remove(key);
            }
            else
            {
                _slices[key] = rest;
            }
        }
    }

    /// <summary>May name a service several times.</summary>
    public IEnumerable<ServiceId> ServicesOn(Pod pod)
    {
        foreach (var slice in _slices.GetValueOrDefault((pod.Metadata.Namespace, pod.Metadata.Name), []))
        {
            if (slice.OwningService() is { } service)
            {
                yield return service;
            }
        }
    }

    public static bool SameLabels(Dictionary<string, string> left, Dictionary<string, string> right) =>
        left.Count == right.Count && left.All(label => right.TryGetValue(label.Key, out var value) && value == label.Value);

    private static IEnumerable<(string Namespace, string Name)> PodsOf(EndpointSlice slice)
    {
        foreach (var endpoint in slice.Endpoints.OrEmpty())
        {
            if (PodOf(endpoint) is { } name)
            {
                yield return (slice.Metadata.Namespace, name);
            }
        }
    }
}
