using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Resilience.Outliers;

/// <summary>All endpoints of a mesh that are ejected now, for metrics and for people. Each cluster's detector keeps its own up to date. For any thread.</summary>
internal sealed class Ejections
{
    private readonly ConcurrentDictionary<EndpointState, Ejection> _current = new(ReferenceEqualityComparer.Instance);

    public int Count => _current.Count;

    /// <summary>The longest ejected first.</summary>
    public IReadOnlyList<Ejection> Current => [.. _current.Values.OrderBy(static e => e.At).ThenBy(static e => e.Endpoint.Name, StringComparer.Ordinal)];

    public IEnumerable<(ClusterId Cluster, int Ejected)> ByCluster() =>
        _current.Keys.CountBy(static endpoint => endpoint.Cluster).Select(static count => (count.Key, count.Value));

    public void Add(Ejection ejection) => _current[ejection.Endpoint] = ejection;

    public void Remove(EndpointState endpoint) => _current.TryRemove(endpoint, out _);
}
