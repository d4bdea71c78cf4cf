using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Clusters;

/// <summary>
/// Which endpoints of one cluster are asked for their health: those that the control plane calls ready, from the first gRPC call to the cluster on. Begun by
/// whichever request comes first, changed by the cluster's writer.
/// </summary>
internal sealed class HealthWatches(IEndpointHealthSource source)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointState, IDisposable> _watches = [];
    private Uri? _called;
    private Action? _changed;
    private volatile bool _isBegun;

    // The newest that the writer has put in force: the first request may have seen those before.
    private EndpointState[]? _endpoints;

    public bool IsBegun => _isBegun;

    /// <summary>The cluster is called for the first time, or for the first time since it was away.</summary>
    public void Begin(Uri called, EndpointState[] endpoints, Action changed)
    {
        lock (_gate)
        {
            if (_isBegun)
            {
                return;
            }

            (_called, _changed, _isBegun) = (called, changed, true);
            Apply(_endpoints ?? endpoints);
        }
    }

    /// <summary>Other endpoints are in force, or others of them are ready.</summary>
    public void Follow(EndpointState[] endpoints)
    {
        lock (_gate)
        {
            _endpoints = endpoints;
            if (_isBegun)
            {
                Apply(endpoints);
            }
        }
    }

    /// <summary>The cluster has left the mesh. It may come back, and is watched when it is called then.</summary>
    public void End()
    {
        lock (_gate)
        {
            _endpoints = [];
            Apply([]);
            _isBegun = false;
        }
    }

    private void Apply(EndpointState[] endpoints)
    {
        var wanted = endpoints.Where(IsWatched).ToHashSet();
        foreach (var (endpoint, watch) in _watches)
        {
            if (!wanted.Contains(endpoint))
            {
                _watches.Remove(endpoint); // allowed while enumerating
                watch.Dispose();
            }
        }

        foreach (var endpoint in wanted)
        {
            if (!_watches.ContainsKey(endpoint))
            {
                _watches[endpoint] = source.Watch(endpoint, _called!, _changed!);
            }
        }
    }

    // What must not be connected to cannot be asked.
    private static bool IsWatched(EndpointState endpoint) =>
        endpoint is { Model: { Health: EndpointHealth.Ready, IsExcluded: false }, Plan.Refusal: null };
}
