using System.Collections.Immutable;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// Decides what of a cluster is followed and in which order changes come into force: routes and policies of the served namespaces from the
/// start, services either with them or from the first call on, and no route before the services that it leads to.
/// Not thread-safe, and without threads of its own: the loop of the source tells it what happens and takes what comes of it.
/// </summary>
internal sealed partial class ClusterFollower
{
    /// <summary>
    /// How long the deletion of a slice waits while its service is there: controllers move endpoints from one slice to another, and between the two
    /// events they would be gone.
    /// </summary>
    public static readonly TimeSpan SliceDebounce = TimeSpan.FromMilliseconds(100);

    private readonly ScopeSettings _settings;
    private readonly TimeProvider _time;
    private readonly Action<Action> _post;
    private readonly Deadlines _deadlines;
    private readonly ObjectTable _objects = new();
    private readonly RouteGraph _wantedRoutes = new();
    private readonly RouteGraph _routesInForce = new();
    private readonly PodDemand _podDemand;
    private readonly NodeDemand _nodeDemand;
    private readonly List<WatchedSet> _areaSets = [];
    private long _podDemandSeen = -1;

    /// <param name="start">Runs the reflector of a set, see <see cref="WatchedSets"/>.</param>
    /// <param name="stop">Ends that.</param>
    /// <param name="post">Runs something on the thread of the loop, later. Called from any thread.</param>
    public ClusterFollower(
        ScopeSettings settings,
        TimeProvider time,
        Random random,
        Action<WatchedSet> start,
        Action<WatchedSet> stop,
        Action<Action> post)
    {
        _settings = settings;
        _time = time;
        _post = post;
        _deadlines = new Deadlines(time);
        _podDemand = new PodDemand(settings.Caller, settings.Pods);
        _certificates = new CertificateDemand(settings.Caller);
        _nodeDemand = new NodeDemand(settings.Caller, settings.Nodes);
        Sets = new WatchedSets(_objects, time, start, stop);
        var caller = settings.Caller;
        _hosts = new HostAnswers(caller.Namespace, settings.Namespaces, caller.ClusterDomain, time, random, (id, answer) => post(() => Demanded(id, answer)));
        _namespaces = new NamespaceAnswers(
            caller.Namespace, settings.Namespaces, settings.Scope == MeshKubernetesScope.Cluster, caller.ClusterDomain);
    }

    public WatchedSets Sets { get; }

    /// <summary>What is to be known of endpoints. Set before <see cref="Start"/>.</summary>
    public PeerDemand Peers
    {
        get => _podDemand.Peers;
        set => _podDemand.Peers = value;
    }

    /// <summary>How long until <see cref="Tick"/> has something to do.</summary>
    public TimeSpan? NextTick => _deadlines.Next;

    /// <summary>The initial configuration has been delivered.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>Begins to follow what is followed from the start.</summary>
    public void Start()
    {
        foreach (var kind in WatchedKinds.Configuration)
        {
            OpenAreas(kind, AreasOf(kind, _settings.Caller.RootNamespace));
        }

        OpenAreas(WatchedKinds.MeshConfig, [_settings.Caller.RootNamespace]);
        AwaitConfig(_areaSets[^1]);
        if (!_settings.IsOnDemand)
        {
            OpenAreas(WatchedKinds.Services, _settings.Areas);
            OpenAreas(WatchedKinds.EndpointSlices, _settings.Areas);
        }

        FollowCaller();
        FollowNamespaces();
        ScheduleSweep();
        ScheduleStaleCheck();
    }

    /// <summary>A reflector tells something.</summary>
    public void Apply(WatchedSet set, WatchUpdate update)
    {
        var followed = set.Service is { } id ? _followed.GetValueOrDefault(id) : null;
        var wasAbsent = followed?.IsAbsent ?? false;
        Sets.Apply(set, update);
        if (wasAbsent && followed is { IsAbsent: false, IsReleased: false })
        {
            // A service that there was not until now gets as much time for its surroundings as any other.
            Await(followed);
        }

        if (followed is { Pods.IsSettled: true, FormerPods: { } former })
        {
            followed.FormerPods = null;
            Sets.Close(former);
        }
    }

    /// <summary>There is more to <see cref="Flush"/> at once.</summary>
    public bool HasMore => _objects.IsDirty;

    /// <summary>Has something done later, by <see cref="Tick"/>.</summary>
    /// <returns>When it is due; a timestamp of the clock.</returns>
    public long After(TimeSpan delay, Action action) => _deadlines.After(delay, action);

    /// <summary>Does what is due by now.</summary>
    /// <param name="run">Runs one action; one that fails must not keep the others from being run.</param>
    public void Tick(Action<Action> run) => _deadlines.Run(run);

    /// <summary>What has come of everything since the last time, as one change; null where nothing did.</summary>
    public ResourceEvent? Flush()
    {
        var dirty = _objects.TakeDirty();
        try
        {
            return ChangeOf(dirty);
        }
        catch
        {
            // Nothing is lost: it is looked at again the next time.
            Array.ForEach(dirty, _objects.Touch);
            throw;
        }
    }

    private ResourceEvent? ChangeOf(ResourceKey[] dirty)
    {
        foreach (var key in dirty)
        {
            Index(key);
        }

        FollowNames();
        FollowPods();
        FollowNodes();
        FollowRoutes();
        FollowCertificates();
        Release();
        var change = Deliver(dirty.Union(_objects.TakeDirty()));
        Answer();
        return Report(change);
    }

    /// <summary>Where a kind of routes or policies is followed: where the services are that are called, or where the own pod is, and in the root namespace.</summary>
    private ImmutableArray<string?> AreasOf(WatchedKind kind, string root)
    {
        var isForCalls = !kind.ForOwnPod && (!kind.ForGrants || _settings.FollowsGrants) && (!kind.ForPeers || Peers.ReadsPolicies);
        var isForOwnPod = (kind.ForOwnPod || kind.ForPeers) && Peers.ServesInbound;
        ImmutableArray<string?> areas = isForCalls ? _settings.Areas : isForOwnPod ? [_settings.Caller.Namespace] : [];
        return areas.IsEmpty || areas.Contains(null) || areas.Contains(root) || !kind.InRootNamespace ? areas : areas.Add(root);
    }

    private void OpenAreas(WatchedKind kind, IEnumerable<string?> areas)
    {
        foreach (var area in areas)
        {
            OpenArea(kind, area);
        }
    }

    private WatchedSet OpenArea(WatchedKind kind, string? area)
    {
        var set = Sets.Open(kind.Target with { Namespace = area }, service: null);
        _areaSets.Add(set);
        if (kind is { ForOwnPod: true, IsOptional: true })
        {
            // The beginning is complete without it.
            _deadlines.After(_settings.FirstCallTimeout, () => Sets.GiveUp(set));
        }

        return set;
    }

    /// <summary>Takes over what the newest version of an object says of others.</summary>
    private void Index(ResourceKey key)
    {
        var wanted = _objects.Find(key)?.Wanted;
        if (WatchedKinds.LinksOf(key.Kind) is { } linksOf)
        {
            _graphChanged |= _wantedRoutes.Set(key, wanted is null ? null : linksOf(wanted));
        }
        else if (key.Kind == "DestinationRule")
        {
            _podDemand.Set(key, (DestinationRule?)wanted);
            _nodeDemand.Set(key, wanted);
            _certificates.Set(key, wanted);
            _certificatesChanged = true;
        }
        else if (key.Kind == "BackendTLSPolicy")
        {
            _certificates.Set(key, wanted);
            _certificatesChanged = true;
        }
        else if (key.Kind == PeerAuthentication.KindName)
        {
            _podDemand.Set(key, (PeerAuthentication?)wanted);
        }
        else if (key.Kind == "Pod")
        {
            FollowProxy(key, (Pod?)wanted);
        }
        else if (key.Kind == MeshConfigMap.KindName && MeshConfigMap.IsMeant(key.Name))
        {
            FollowConfig(key, (MeshConfigMap?)wanted);
        }
        else if (key.Kind == "Service")
        {
            _servicesChanged = true;
            _certificatesChanged = true;
            _podDemand.Set(new ServiceId(key.Namespace, key.Name), (Service?)wanted);
            _nodeDemand.Set(key, wanted);
        }
    }
}
