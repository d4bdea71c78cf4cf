using System.Diagnostics.CodeAnalysis;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Transport;

namespace MeshSdk.Clusters;

/// <summary>
/// A cluster as it lives on between snapshots. Applying a new model keeps the state of every endpoint that stays: its connections, its
/// counts and its place in the load balancer.
/// </summary>
internal sealed class ClusterState(ClusterId id, LoadBalancingPolicies policies, TransportSettings transport) : IDisposable
{
    // Only the writer touches it.
    private readonly Dictionary<(string Address, int Port), EndpointState> _endpoints = [];

    // Those that left and still have requests on them.
    private readonly DrainingEndpoints _draining = new();

    // Policy and candidates belong together: a pick reads this field once.
    private volatile Generation? _current;

    public ClusterId Id { get; } = id;

    /// <summary>Null until the first model has arrived, and after the cluster has left the mesh.</summary>
    public ClusterModel? Model => _current?.Model;

    /// <summary>The endpoints that requests may go to, for people and tests.</summary>
    public IReadOnlyList<EndpointState> Usable => _current?.Usable ?? [];

    /// <summary>
    /// Whether a request is under way to any endpoint that is still in the mesh, also to one that takes no new ones. For any thread.
    /// </summary>
    public bool HasActiveRequests => _current is { } current && Array.Exists(current.All, static endpoint => endpoint.ActiveRequests > 0);

    /// <summary>How many endpoints have left and are not closed yet.</summary>
    public int Draining => _draining.Count;

    /// <summary>Chooses an endpoint and takes a lease on it.</summary>
    /// <returns>False where no endpoint can be used.</returns>
    public bool TryPick([NotNullWhen(true)] out EndpointState? endpoint, [NotNullWhen(true)] out ClusterModel? model)
    {
        while (_current is { Usable: { Length: > 0 } usable } current)
        {
            var candidate = usable.Length == 1 ? usable[0] : current.Policy.Pick(usable);
            if (candidate.TryAcquire())
            {
                current.Budget?.Sending();
                (endpoint, model) = (candidate, current.Model);
                return true;
            }

            // It left the mesh between the two lines above. Endpoints retire only after the generation without them is in place, so
            // reading again makes progress.
        }

        (endpoint, model) = (null, null);
        return false;
    }

    /// <summary>The same for a retry, which goes to an endpoint that was not tried yet where there is one.</summary>
    public bool TryPick(IReadOnlyList<EndpointState> tried, [NotNullWhen(true)] out EndpointState? endpoint, [NotNullWhen(true)] out ClusterModel? model)
    {
        while (_current is { Usable.Length: > 0 } current)
        {
            EndpointState[] fresh = [.. current.Usable.Where(e => !tried.Contains(e))];
            if (fresh.Length == 0)
            {
                break;
            }

            var candidate = fresh.Length == 1 ? fresh[0] : current.Policy.Pick(fresh);
            if (candidate.TryAcquire())
            {
                current.Budget?.Sending();
                (endpoint, model) = (candidate, current.Model);
                return true;
            }
        }

        return TryPick(out endpoint, out model);
    }

    /// <summary>Whether the cluster's budget, if it has one, allows for one retry more; it is then spent.</summary>
    public bool TryRetry() => _current?.Budget?.TryRetry() ?? true;

    /// <summary>Takes a lease on one endpoint, where it is ready.</summary>
    /// <param name="identity">Which one.</param>
    /// <param name="identify">How endpoints are named here: always the same function.</param>
    /// <returns>False where there is no such endpoint, or it is not ready.</returns>
    public bool TryAcquire(
        ulong identity, Func<ClusterId, EndpointModel, ulong> identify,
        [NotNullWhen(true)] out EndpointState? endpoint, [NotNullWhen(true)] out ClusterModel? model)
    {
        while (_current is { } current && current.Identities(identify).TryGetValue(identity, out var candidate))
        {
            if (candidate.TryAcquire())
            {
                current.Budget?.Sending();
                (endpoint, model) = (candidate, current.Model);
                return true;
            }

            // As above.
        }

        (endpoint, model) = (null, null);
        return false;
    }

    /// <summary>Puts a new model in force. One writer at a time.</summary>
    public void Apply(ClusterModel model)
    {
        var previous = _current;
        var staying = new HashSet<(string, int)>(model.Endpoints.Length);
        foreach (var endpoint in model.Endpoints)
        {
            var key = (endpoint.Address, endpoint.Port);
            staying.Add(key);
            if (_endpoints.TryGetValue(key, out var state))
            {
                state.Model = endpoint;
            }
            else
            {
                state = new EndpointState(Id, endpoint, transport, _draining.Closed);
                _endpoints.Add(key, state);
            }

            state.ConnectTimeout = model.ConnectTimeout;
        }

        var policy = previous is not null && previous.Model.LoadBalancer == model.LoadBalancer
            ? previous.Policy
            : policies.Create(model.LoadBalancer);
        var usable = UsableEndpoints(model);
        _current = new Generation(
            model, policy, usable, usable.Length == model.Endpoints.Length ? usable : StatesOf(model.Endpoints), BudgetFor(model.RetryBudget, previous?.Budget));
        RetireAllBut(staying);
    }

    /// <summary>The cluster has left the mesh.</summary>
    public void Retire()
    {
        _current = null;
        RetireAllBut([]);
    }

    /// <summary>Closes every connection at once, also of endpoints that are draining. A request that comes too late is told so, and not that there were no endpoints.</summary>
    public void Dispose()
    {
        foreach (var endpoint in _endpoints.Values)
        {
            endpoint.Dispose();
        }

        _draining.Dispose();
    }

    // Ready ones; where there is none, those that are shutting down but still serve.
    private EndpointState[] UsableEndpoints(ClusterModel model)
    {
        var ready = Of(EndpointHealth.Ready);
        return ready.Length > 0 ? ready : Of(EndpointHealth.Terminating);

        EndpointState[] Of(EndpointHealth health) =>
            StatesOf(model.Endpoints.Where(e => e.Health == health));
    }

    private EndpointState[] StatesOf(IEnumerable<EndpointModel> endpoints) => [.. endpoints.Select(e => _endpoints[(e.Address, e.Port)])];

    // What was spent stays spent while the budget stays the same.
    private RetryBudgetState? BudgetFor(RetryBudget? budget, RetryBudgetState? previous) =>
        budget is null ? null
        : budget == previous?.Budget ? previous
        : new RetryBudgetState(budget, transport.Time);

    private void RetireAllBut(HashSet<(string Address, int Port)> staying)
    {
        foreach (var (key, endpoint) in _endpoints)
        {
            if (!staying.Contains(key))
            {
                _endpoints.Remove(key); // allowed while enumerating
                _draining.Add(endpoint);
                endpoint.Retire();
            }
        }
    }

    private sealed record Generation(ClusterModel Model, ILoadBalancingPolicy Policy, EndpointState[] Usable, EndpointState[] All, RetryBudgetState? Budget)
    {
        private Dictionary<ulong, EndpointState>? _identities;

        /// <summary>The ready ones by identity. Made when they are first asked for: most clusters know no sessions.</summary>
        public Dictionary<ulong, EndpointState> Identities(Func<ClusterId, EndpointModel, ulong> identify)
        {
            if (Volatile.Read(ref _identities) is { } known)
            {
                return known;
            }

            var identities = new Dictionary<ulong, EndpointState>(Usable.Length);
            foreach (var endpoint in Usable)
            {
                // An endpoint of the next generation may have become another pod at the same address; then that one is in force in a moment.
                var model = endpoint.Model;
                if (model.Health == EndpointHealth.Ready)
                {
                    identities.TryAdd(identify(endpoint.Cluster, model), endpoint);
                }
            }

            Volatile.Write(ref _identities, identities);
            return identities;
        }
    }
}
