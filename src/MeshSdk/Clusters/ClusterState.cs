using System.Diagnostics.CodeAnalysis;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Telemetry;
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

    // Null until the cluster has limits. Only the writer makes it.
    private ClusterLimits? _limits;

    // Guards the writing of what follows: models come from the one writer, news of health from wherever requests end.
    private readonly Lock _gate = new();

    // Policy and candidates belong together: a pick reads this field once.
    private volatile Generation? _current;

    public ClusterId Id { get; } = id;

    /// <summary>Null until the first model has arrived, and after the cluster has left the mesh.</summary>
    public ClusterModel? Model => _current?.Model;

    /// <summary>The endpoints that requests may go to, for people and tests.</summary>
    public IReadOnlyList<EndpointState> Usable => _current?.Selection.Usable ?? [];

    /// <summary>
    /// Whether a request is under way to any endpoint that is still in the mesh, also to one that takes no new ones. For any thread.
    /// </summary>
    public bool HasActiveRequests =>
        _current is { } current && (Array.Exists(current.All, static endpoint => endpoint.ActiveRequests > 0) || _draining.HasRequestsToReplaced);

    /// <summary>What of its limits is in use, for people and tests; nothing where it has none.</summary>
    public BreakerUse Use => Volatile.Read(ref _limits)?.Use ?? default;

    /// <summary>How many endpoints have left and are not closed yet.</summary>
    public int Draining => _draining.Count;

    /// <summary>Chooses an endpoint and takes a lease on it.</summary>
    /// <param name="context">What it is for.</param>
    /// <param name="lease">To be given back when the request is over.</param>
    /// <param name="model">The model under which it was picked.</param>
    public PickOutcome TryPick(in PickContext context, out EndpointLease? lease, out ClusterModel? model)
    {
        while (_current is { } current && current.Selection.Pick(context) is { } candidate)
        {
            if (TryLease(current, candidate, out var outcome, out lease))
            {
                model = current.Model;
                return outcome;
            }

            // It left the mesh between the two lines above. Endpoints retire only after the generation without them is in place, so
            // reading again makes progress.
        }

        (lease, model) = (null, null);
        return PickOutcome.NoEndpoint;
    }

    /// <summary>Whether the cluster's budget and limits, if it has some, allow for one retry more; the budget is then spent.</summary>
    /// <param name="counted">Where the retry is counted until it is over, to be given back there; null: nowhere.</param>
    public RetryGrant TryRetry(out RetryLimit? counted)
    {
        counted = null;
        if (_current is not { } current)
        {
            return RetryGrant.Granted;
        }

        if (current.Limits is { } limits && !limits.TryRetry(out counted))
        {
            return RetryGrant.OverLimit;
        }

        if (current.Budget is null || current.Budget.TryRetry())
        {
            return RetryGrant.Granted;
        }

        counted?.Exit();
        counted = null;
        return RetryGrant.OverBudget;
    }

    /// <summary>Takes a lease on one endpoint, where it is ready.</summary>
    /// <param name="identity">Which one.</param>
    /// <param name="identify">How endpoints are named here: always the same function.</param>
    /// <param name="lease">To be given back when the request is over.</param>
    /// <param name="model">The model under which it was found.</param>
    public PickOutcome TryAcquire(ulong identity, Func<ClusterId, EndpointModel, ulong> identify, out EndpointLease? lease, out ClusterModel? model)
    {
        while (_current is { } current && current.Identities(identify).TryGetValue(identity, out var candidate))
        {
            if (TryLease(current, candidate, out var outcome, out lease))
            {
                model = current.Model;
                return outcome;
            }

            // As above.
        }

        (lease, model) = (null, null);
        return PickOutcome.NoEndpoint;
    }

    /// <returns>False where the endpoint has left the mesh.</returns>
    private static bool TryLease(Generation current, EndpointState candidate, out PickOutcome outcome, out EndpointLease? lease)
    {
        (outcome, lease) = (PickOutcome.Picked, candidate);
        if (!candidate.TryAcquire())
        {
            return false;
        }

        if (current.Limits is { } limits && !TryLimit(limits, candidate, out lease))
        {
            outcome = PickOutcome.Overflow;
            return true;
        }

        current.Budget?.Sending();
        return true;
    }

    private static bool TryLimit(ClusterLimits limits, EndpointState endpoint, [NotNullWhen(true)] out EndpointLease? lease)
    {
        lease = endpoint.Limited(limits.Requests);
        if (lease is null)
        {
            endpoint.Release();
            limits.CountOverflow(OverflowKind.Requests);
            return false;
        }

        limits.Retries?.Sending();
        return true;
    }

    /// <summary>The health of endpoints has changed here, and not in the model. For any thread.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            if (_current is { } current)
            {
                _current = current with { Selection = EndpointSelection.Of(current.All, current.Policy) };
            }
        }
    }

    /// <summary>Puts a new model in force. One writer at a time.</summary>
    public void Apply(ClusterModel model)
    {
        var previous = _current;
        var limits = LimitsFor(model);
        var plan = new ConnectionPlan(model.Connections, limits?.Lanes);
        List<EndpointState> replaced = [];
        var staying = new HashSet<(string, int)>(model.Endpoints.Length);
        foreach (var endpoint in model.Endpoints)
        {
            var key = (endpoint.Address, endpoint.Port);
            staying.Add(key);
            if (!_endpoints.TryGetValue(key, out var state))
            {
                state = new EndpointState(Id, endpoint, transport, _draining.Closed, plan);
                _endpoints.Add(key, state);
            }
            else if (state.Plan == plan)
            {
                state.Model = endpoint;
                state.Trim();
            }
            else
            {
                replaced.Add(state);
                state = state.Successor(endpoint, plan);
                _endpoints[key] = state;
            }

            state.ConnectTimeout = model.ConnectTimeout;
        }

        var policy = previous is not null && LoadBalancingPolicies.IsSame(previous.Model, model) ? previous.Policy : policies.Create(model);
        EndpointState[] all = [.. model.Endpoints.Select(e => _endpoints[(e.Address, e.Port)])];
        lock (_gate)
        {
            _current = new Generation(model, policy, EndpointSelection.Of(all, policy), all, BudgetFor(model.RetryBudget, previous?.Budget))
            {
                Limits = limits,
            };
        }

        replaced.ForEach(Retire);
        RetireAllBut(staying);
    }

    /// <summary>The cluster has left the mesh.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _current = null;
        }

        _limits?.Hide();
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

    // Null where there is nothing to count.
    private ClusterLimits? LimitsFor(ClusterModel model)
    {
        if (model.Limits == ConnectionLimits.None && _limits is null)
        {
            return null;
        }

        _limits ??= new ClusterLimits(Id, transport);
        _limits.Apply(model);
        return model.Limits == ConnectionLimits.None ? null : _limits;
    }

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
                Retire(endpoint);
            }
        }
    }

    private void Retire(EndpointState endpoint)
    {
        _draining.Add(endpoint);
        endpoint.Retire();
    }

    private sealed record Generation(ClusterModel Model, ILoadBalancingPolicy Policy, EndpointSelection Selection, EndpointState[] All, RetryBudgetState? Budget)
    {
        private Dictionary<ulong, EndpointState>? _identities;

        /// <summary>Null where the cluster has none: its requests pay nothing for them.</summary>
        public ClusterLimits? Limits { get; init; }

        /// <summary>The ready ones by identity. Made when they are first asked for: most clusters know no sessions.</summary>
        public Dictionary<ulong, EndpointState> Identities(Func<ClusterId, EndpointModel, ulong> identify)
        {
            if (Volatile.Read(ref _identities) is { } known)
            {
                return known;
            }

            var identities = new Dictionary<ulong, EndpointState>(Selection.Usable.Length);
            foreach (var endpoint in Selection.Usable)
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
