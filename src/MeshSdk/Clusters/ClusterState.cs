using System.Diagnostics.CodeAnalysis;
using MeshSdk.LoadBalancing;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Clusters;

/// <summary>
/// A cluster as it lives on between snapshots. Applying a new model keeps the state of every endpoint that stays: its connections, its
/// counts and its place in the load balancer.
/// </summary>
internal sealed partial class ClusterState(ClusterId id, LoadBalancingPolicies policies, TransportSettings transport, OutlierServices? outliers = null) : IDisposable
{
    // Policy and candidates belong together: a pick reads this field once. Models come from the one writer, news of health from wherever requests end;
    // each makes what is to follow from what it has seen, and begins again where that is no longer in force. A lock around both would make the end of a
    // request wait for a writer's rings of a million positions; it waits for others only that bring news of health too.
    private volatile Generation? _current;

    // Null where endpoints are not asked for their health.
    private readonly HealthWatches? _health = transport.Health is { } source ? new HealthWatches(source) : null;

    public ClusterId Id { get; } = id;

    /// <summary>
    /// Raised when a pick may have another outcome, or sending a better one, than a moment ago: endpoints came or went, their health changed, one answers that could not be reached, an identity came.
    /// </summary>
    public ChangeSignal Changed { get; } = new();

    /// <summary>Null until the first model has arrived, and after the cluster has left the mesh.</summary>
    public ClusterModel? Model => _current?.Model;

    /// <summary>The endpoints that requests may go to, for people and tests.</summary>
    public IReadOnlyList<EndpointState> Usable => _current?.Selection.Usable ?? [];

    /// <summary>
    /// Whether a request is under way to any endpoint that is still in the mesh, also to one that takes no new ones. For any thread.
    /// </summary>
    public bool HasActiveRequests =>
        _current is { } current && (Array.Exists(current.All, static endpoint => endpoint.ActiveRequests > 0) || _draining.HasRequestsToReplaced);

    /// <summary>Whether its endpoints are to be asked for their health as soon as it is called by gRPC, and are not yet.</summary>
    public bool AwaitsGrpc => _health is { IsBegun: false };

    /// <summary>It is called by gRPC.</summary>
    /// <param name="called">By which name, as connections are kept under.</param>
    public void WatchHealth(Uri called)
    {
        if (_current is { } current)
        {
            _health?.Begin(called, current.All, Refresh);
        }
    }

    /// <summary>What of its limits is in use, for people and tests; nothing where it has none.</summary>
    public BreakerUse Use => Volatile.Read(ref _limits)?.Use ?? default;

    /// <summary>How many endpoints have left and are not closed yet.</summary>
    public int Draining => _draining.Count;

    /// <summary>Chooses an endpoint and takes a lease on it.</summary>
    /// <param name="context">What it is for.</param>
    /// <param name="lease">To be given back when the request is over.</param>
    /// <param name="model">The model under which it was picked.</param>
    /// <param name="orTried">Whether one that was tried will do where there is no other. What is not leased counts for no limit and no budget.</param>
    public PickOutcome TryPick(in PickContext context, out EndpointLease? lease, out ClusterModel? model, bool orTried = true)
    {
        while (_current is { } current && current.Selection.Pick(context) is { } candidate && (orTried || context.Tried?.Contains(candidate) != true))
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

    /// <summary>A cookie for a client that has to be told one, to stay on the endpoint that it is led to now; null for nearly all requests.</summary>
    public HashCookie? NewCookie(HttpRequestMessage request) =>
        _current is { Model.Hash.Ttl: not null } current ? current.Policy.Hash?.NewCookie(request) : null;

    private sealed record Generation(ClusterModel Model, ILoadBalancingPolicy Policy, EndpointSelection Selection, EndpointState[] All, RetryBudgetState? Budget)
    {
        private Dictionary<ulong, EndpointState>? _identities;

        /// <summary>Null where the cluster has none: its requests pay nothing for them.</summary>
        public ClusterLimits? Limits { get; init; }

        /// <summary>The same with other health. No copy, which would know the same identities.</summary>
        public Generation Of(EndpointSelection selection) => new(Model, Policy, selection, All, Budget) { Limits = Limits };

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
