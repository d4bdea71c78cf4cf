using System.Collections.Concurrent;
using System.Collections.Immutable;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.Scopes;

/// <summary>A follower on one thread, with what the mesh has been told by it.</summary>
internal sealed class Following
{
    private readonly ConcurrentQueue<Action> _posts = new();
    private readonly Dictionary<WatchedSet, CancellationTokenSource> _running = [];
    private readonly List<TaskCompletionSource> _unconfirmed = [];

    public Following(Action<MeshKubernetesOptions>? configure = null, Action<FakeCluster>? arrange = null, bool start = true, CallerContext? caller = null, PeerDemand? peers = null)
    {
        var options = new MeshKubernetesOptions();
        configure?.Invoke(options);
        Cluster = new FakeCluster(Time);
        arrange?.Invoke(Cluster);
        Follower = new ClusterFollower(new ScopeSettings(options, caller ?? new CallerContext { Namespace = "shop" }), Time, new Random(1), Start, Stop, _posts.Enqueue)
        {
            Peers = peers ?? PeerDemand.Default,
        };
        if (start)
        {
            Follower.Start();
            Run();
        }
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    public FakeCluster Cluster { get; }

    public ClusterFollower Follower { get; }

    /// <summary>Whether what is delivered comes into force at once.</summary>
    public bool Confirms { get; set; } = true;

    public SortedDictionary<string, Resource> Mesh { get; } = new(StringComparer.Ordinal);

    public ImmutableArray<UnknownScope> Unknown { get; private set; } = [];

    public ImmutableArray<MeshDiagnostic> Problems { get; private set; } = [];

    public bool Synced { get; private set; }

    public List<ResourceEvent> Events { get; } = [];

    /// <summary>Looked at after every change that the mesh is told.</summary>
    public Action? Invariant { get; set; }

    public ImmutableArray<WatchHealth> Health => WatchHealthReport.Of(Follower.Sets.All, TimeSpan.FromSeconds(30));

    public string[] InMesh => [.. Mesh.Keys];

    public HostKnowledge Demand(string host)
    {
        var demand = Follower.Demand(host);
        Run();
        return demand.Knowledge;
    }

    public void Advance(TimeSpan time)
    {
        // Step by step, as time goes by for the loop.
        for (var step = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond * 50, time.Ticks / 50)); time > TimeSpan.Zero; time -= step)
        {
            Time.Advance(time < step ? time : step);
            Run();
        }
    }

    public void Run()
    {
        do
        {
            while (_posts.TryDequeue(out var post))
            {
                post();
            }

            Follower.Tick(static action => action());
            do
            {
                if (Follower.Flush() is { } change)
                {
                    Take(change);
                }
            }
            while (Follower.HasMore);
        }
        while (!_posts.IsEmpty);
    }

    /// <summary>What has been delivered is in force.</summary>
    public void Confirm()
    {
        ConfirmAll();
        Run();
    }

    private void Take(ResourceEvent change)
    {
        Events.Add(change);
        foreach (var key in change.Deletes)
        {
            Assert.True(Mesh.Remove(key.ToString()), $"{key} is deleted, and was never there");
        }

        foreach (var resource in change.Upserts)
        {
            Mesh[resource.Key.ToString()] = resource;
        }

        Unknown = change.Unknown ?? Unknown;
        Problems = change.Problems ?? Problems;
        Synced |= change.Synced;
        if (change.InForce is { } inForce)
        {
            _unconfirmed.Add(inForce);
        }

        Invariant?.Invoke();
        if (Confirms)
        {
            ConfirmAll();
        }
    }

    // The follower hears of it from a thread of the pool, which posts once for each.
    private void ConfirmAll()
    {
        foreach (var confirmation in _unconfirmed)
        {
            var posts = _posts.Count;
            confirmation.TrySetResult();
            Assert.True(SpinWait.SpinUntil(() => _posts.Count > posts, TimeSpan.FromSeconds(60)));
        }

        _unconfirmed.Clear();
    }

    private void Start(WatchedSet set)
    {
        var reflector = Cluster.Create(set.Target);
        var stop = new CancellationTokenSource();
        set.Reflector = reflector;
        _running.Add(set, stop);
        _ = reflector.RunAsync(update => _posts.Enqueue(() => Follower.Apply(set, update)), stop.Token);
    }

    private void Stop(WatchedSet set)
    {
        if (_running.Remove(set, out var stop))
        {
            stop.Cancel();
        }
    }
}
