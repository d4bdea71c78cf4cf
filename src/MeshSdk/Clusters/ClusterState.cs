using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Transport;

namespace MeshSdk.Clusters;

/// <summary>
/// A cluster as it lives on between snapshots. Applying a new model keeps the state of every endpoint that stays: its connections, its
/// counts and its place in the load balancer.
/// </summary>
internal sealed class ClusterState(ClusterId id, LoadBalancingPolicies policies, TransportSettings transport, OutlierServices? outliers = null) : IDisposable
{
    // Only the writer touches it.
    private readonly Dictionary<(string Address, int Port), EndpointState> _endpoints = [];

    // Those that left and still have requests on them.
    private readonly DrainingEndpoints _draining = new();

    // Null where no policy asks for it. The writer's.
    private OutlierDetector? _outliers;

    // Policy and candidates belong together: a pick reads this field once. Models come from the one writer, news of health from wherever requests end;
    // each makes what is to follow from what it has seen, and begins again where that is no longer in force. A lock would make the end of a request
    // wait for a ring of a million positions.
    private volatile Generation? _current;
    private int _news;

    public ClusterId Id { get; } = id;

    /// <summary>Null until the first model has arrived, and after the cluster has left the mesh.</summary>
    public ClusterModel? Model => _current?.Model;

    /// <summary>The endpoints that requests may go to, for people and tests.</summary>
    public IReadOnlyList<EndpointState> Usable => _current?.Selection.Usable ?? [];

    /// <summary>
    /// Whether a request is under way to any endpoint that is still in the mesh, also to one that takes no new ones. For any thread.
    /// </summary>
    public bool HasActiveRequests => _current is { } current && Array.Exists(current.All, static endpoint => endpoint.ActiveRequests > 0);

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

    /// <summary>Whether the cluster's budget, if it has one, allows for one retry more; it is then spent.</summary>
    public bool TryRetry() => _current?.Budget?.TryRetry() ?? true;

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

        current.Budget?.Sending();
        return true;
    }

    /// <summary>A cookie for a client that has to be told one, to stay on the endpoint that it is led to now; null for nearly all requests.</summary>
    public HashCookie? NewCookie(HttpRequestMessage request) =>
        _current is { Model.Hash.Ttl: not null } current ? current.Policy.Hash?.NewCookie(request) : null;

    /// <summary>The health of endpoints has changed here, and not in the model. For any thread.</summary>
    public void Refresh()
    {
        if (Interlocked.Increment(ref _news) > 1)
        {
            return; // whoever is at it looks again, once for all that came meanwhile
        }

        try
        {
            int seen;
            do
            {
                seen = Volatile.Read(ref _news);
                while (_current is { } current
                    && !TryReplace(current, current.Of(Select(current.All, current.Model, current.Policy, current.Selection))))
                {
                    // A model came in between.
                }
            }
            while (Interlocked.Add(ref _news, -seen) > 0);
        }
        catch
        {
            Volatile.Write(ref _news, 0); // no memory, as a rule: the next one is not to wait for this one
            throw;
        }
    }

    private EndpointSelection Select(EndpointState[] all, ClusterModel model, ILoadBalancingPolicy policy, EndpointSelection? previous) =>
        EndpointSelection.Of(all, model, policy, policies.Random, previous);

    private bool TryReplace(Generation? previous, Generation? next) => Interlocked.CompareExchange(ref _current, next, previous) == previous;

    /// <summary>Puts a new model in force. One writer at a time.</summary>
    public void Apply(ClusterModel model)
    {
        var staying = new HashSet<(string, int)>(model.Endpoints.Length);
        List<EndpointState> replaced = [];
        foreach (var endpoint in model.Endpoints)
        {
            var key = (endpoint.Address, endpoint.Port);
            staying.Add(key);
            if (_endpoints.TryGetValue(key, out var state) && state.Model.MayBeSamePod(endpoint))
            {
                state.Model = endpoint;
            }
            else
            {
                if (state is not null)
                {
                    // Neither the connections nor what is known of the one that had this address before are worth anything for the one that has it now.
                    replaced.Add(state);
                }

                _endpoints[key] = state = new EndpointState(Id, endpoint, transport, _draining.Closed);
            }

            state.ConnectTimeout = model.ConnectTimeout;
        }

        EndpointState[] all = [.. model.Endpoints.Select(e => _endpoints[(e.Address, e.Port)])];
        DetectOutliers(model, all);
        Generation? previous;
        Generation next;
        do
        {
            previous = _current;
            var kept = previous is not null && LoadBalancingPolicies.IsSame(previous.Model, model) ? previous : null;
            var policy = kept?.Policy ?? policies.Create(model);
            next = new Generation(model, policy, Select(all, model, policy, kept?.Selection), all, BudgetFor(model.RetryBudget, previous?.Budget));
        }
        while (!TryReplace(previous, next));

        RetireAllBut(staying);
        replaced.ForEach(Retire);
    }

    /// <summary>The cluster has left the mesh.</summary>
    public void Retire()
    {
        _current = null;
        RetireAllBut([]);
        _outliers?.Dispose();
        _outliers = null;
    }

    /// <summary>Closes every connection at once, also of endpoints that are draining. A request that comes too late is told so, and not that there were no endpoints.</summary>
    public void Dispose()
    {
        _outliers?.Dispose();
        foreach (var endpoint in _endpoints.Values)
        {
            endpoint.Dispose();
        }

        _draining.Dispose();
    }

    // Before the endpoints are picked from: those that are new must be heard of, and those that are let back must be seen.
    private void DetectOutliers(ClusterModel model, EndpointState[] all)
    {
        if (model.OutlierDetection is { } detection)
        {
            _outliers ??= new OutlierDetector(transport.Time, outliers ?? OutlierServices.Alone, Refresh);
            _outliers.Apply(detection, all);
        }
        else
        {
            _outliers?.Release();
            _outliers = null;
        }
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

        /// <summary>The same with other health. No copy, which would know the same identities.</summary>
        public Generation Of(EndpointSelection selection) => new(Model, Policy, selection, All, Budget);

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
