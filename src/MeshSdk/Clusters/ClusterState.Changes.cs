using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Load;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Transport;

namespace MeshSdk.Clusters;

// How a cluster changes: by models, by the health of its endpoints, and by its end.
internal sealed partial class ClusterState
{
    // Only the writer touches it.
    private readonly Dictionary<(string Address, int Port), EndpointState> _endpoints = [];

    // Those that left and still have requests on them.
    private readonly DrainingEndpoints _draining = new();

    // Null where no policy asks for it. The writer's.
    private OutlierDetector? _outliers;

    // Null until the cluster has limits. Only the writer makes it.
    private ClusterLimits? _limits;

    // News of health, and how many of them the selection in force has seen.
    private readonly Lock _refreshing = new();
    private long _news;
    private long _seen;

    /// <summary>
    /// The health of endpoints has changed here, and not in the model. When the call returns, no pick that begins finds endpoints by what was before. For
    /// any thread.
    /// </summary>
    public void Refresh()
    {
        var mine = Interlocked.Increment(ref _news);

        // Of many that come at once the second does the work of all that wait behind it. Where it cannot, for want of memory as a rule, the next one does.
        lock (_refreshing)
        {
            if (_seen >= mine)
            {
                return;
            }

            var all = Volatile.Read(ref _news);
            while (_current is { } current
                && !TryReplace(current, current.Of(Select(current.All, current.Model, current.Policy, current.Selection))))
            {
                // A model came in between.
            }

            _seen = all;
        }
    }

    private EndpointSelection Select(EndpointState[] all, ClusterModel model, ILoadBalancingPolicy policy, EndpointSelection? previous) =>
        EndpointSelection.Of(all, model, policy, policies.Random, previous);

    private bool TryReplace(Generation? previous, Generation? next)
    {
        if (Interlocked.CompareExchange(ref _current, next, previous) != previous)
        {
            return false;
        }

        Changed.Raise();
        return true;
    }

    /// <summary>Puts a new model in force. One writer at a time.</summary>
    public void Apply(ClusterModel model)
    {
        var limits = LimitsFor(model);
        var plans = new ConnectionPlans(model, limits?.Lanes, transport);
        List<EndpointState> replaced = [];
        foreach (var endpoint in model.Endpoints)
        {
            var key = (endpoint.Address, endpoint.Port);
            var before = _endpoints.GetValueOrDefault(key);
            var state = StateOf(endpoint, plans.For(endpoint), before);
            if (state != before)
            {
                _endpoints[key] = state;
                if (before is not null)
                {
                    replaced.Add(before);
                }
            }

            state.ConnectTimeout = model.ConnectTimeout;
        }

        EndpointState[] all = [.. model.Endpoints.Select(e => _endpoints[(e.Address, e.Port)])];
        DetectOutliers(model, all);
        FollowLoads(model, all);
        Generation? previous;
        Generation next;
        do
        {
            previous = _current;
            var kept = previous is not null && LoadBalancingPolicies.IsSame(previous.Model, model) ? previous : null;
            var policy = kept?.Policy ?? policies.Create(model);
            next = new Generation(model, policy, Select(all, model, policy, kept?.Selection), all, BudgetFor(model.RetryBudget, previous?.Budget)) { Limits = limits };
        }
        while (!TryReplace(previous, next));

        _health?.Follow(all);
        replaced.ForEach(Retire);
        RetireAllBut([.. model.Endpoints.Select(static e => (e.Address, e.Port))]);
    }

    private EndpointState StateOf(EndpointModel endpoint, ConnectionPlan plan, EndpointState? before)
    {
        // Neither the connections nor what is known of the one that had this address before are worth anything for another pod that has it now.
        if (before is null || !before.Model.MayBeSamePod(endpoint))
        {
            return new EndpointState(Id, endpoint, transport, _draining.Closed, plan) { Answering = Changed.Raise };
        }

        if (before.Plan == plan)
        {
            before.Model = endpoint;
            before.Trim();
            return before;
        }

        var successor = before.Successor(endpoint, plan);
        _outliers?.Replace(before, successor);
        return successor;
    }

    /// <summary>
    /// Connections over TLS are to last for another time than those that there are. As with a new model: new ones are made, and those in use run out.
    /// </summary>
    public void Renew()
    {
        if (Model is { Tls: not null } model)
        {
            Apply(model);
        }
    }

    /// <summary>The cluster has left the mesh.</summary>
    public void Retire()
    {
        _current = null;
        _health?.End();
        Changed.Raise();
        _limits?.Hide();
        RetireAllBut([]);
        _outliers?.Dispose();
        _outliers = null;
    }

    /// <summary>Closes every connection at once, also of endpoints that are draining. A request that comes too late is told so, and not that there were no endpoints.</summary>
    public void Dispose()
    {
        _health?.End();
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

    // Before the endpoints are picked from: a picker weighs them by what is heard of them.
    private void FollowLoads(ClusterModel model, EndpointState[] all)
    {
        var rules = model.BackendUtilization is { } utilization ? new LoadRules(utilization) : null;
        foreach (var endpoint in all)
        {
            if (rules is not null && endpoint.Loads is EndpointLoad load)
            {
                load.Follow(rules);
            }
            else
            {
                endpoint.Loads = rules is null ? null : new EndpointLoad(transport.Time, rules);
            }
        }
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
}
