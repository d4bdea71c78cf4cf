using MeshSdk.Transport;

namespace MeshSdk.Clusters;

/// <summary>
/// The endpoints that have left a cluster and are not closed yet, kept so that whoever disposes of the mesh need not wait for their drain timeout.
/// They leave from whatever thread ends the last request.
/// </summary>
internal sealed class DrainingEndpoints : IDisposable
{
    private readonly HashSet<EndpointState> _endpoints = [];

    public DrainingEndpoints() => Closed = Remove;

    /// <summary>To be told of every endpoint that has closed.</summary>
    public Action<EndpointState> Closed { get; }

    public int Count
    {
        get
        {
            lock (_endpoints)
            {
                return _endpoints.Count;
            }
        }
    }

    /// <summary>Whether a request is under way to one whose address another state goes on with.</summary>
    public bool HasRequestsToReplaced
    {
        get
        {
            lock (_endpoints)
            {
                return _endpoints.Any(static endpoint => endpoint.IsReplaced && endpoint.ActiveRequests > 0);
            }
        }
    }

    /// <summary>Call before the endpoint retires: an idle one is gone in that moment.</summary>
    public void Add(EndpointState endpoint)
    {
        lock (_endpoints)
        {
            _endpoints.Add(endpoint);
        }
    }

    public void Dispose()
    {
        EndpointState[] endpoints;
        lock (_endpoints)
        {
            endpoints = [.. _endpoints];
        }

        foreach (var endpoint in endpoints)
        {
            endpoint.Dispose();
        }
    }

    private void Remove(EndpointState endpoint)
    {
        lock (_endpoints)
        {
            _endpoints.Remove(endpoint);
        }
    }
}
