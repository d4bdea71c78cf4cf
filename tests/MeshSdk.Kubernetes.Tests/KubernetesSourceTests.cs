using System.Threading.Channels;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Snapshots;
using MeshSdk.Kubernetes.Tests.Scopes;
using MeshSdk.Kubernetes.Tests.Snapshots;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests;

/// <summary>The loop around the decisions: threads, timers, start and end.</summary>
public sealed class KubernetesSourceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeLogger<KubernetesSource> _log = new();
    private readonly Dictionary<ResourceKey, Resource> _mesh = [];
    private bool _synced;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_first_call_waits_until_its_service_is_in_force()
    {
        var cluster = new FakeCluster(_time);
        cluster.Put(Service("backend"), Slice("backend"), Route("root", "backend", ["v1"]), Service("v1"), Slice("v1"));
        await using var source = Source(cluster);
        var events = source.Start(TestContext.Current.CancellationToken);
        await UntilAsync(events, () => _synced);

        var demand = source.Demand("backend");
        Assert.Equal(HostKnowledge.Pending, demand.Knowledge);
        await UntilAsync(events, () => demand.Known.IsCompleted);
        Assert.Contains(new ResourceKey("Service", "shop", "backend"), _mesh.Keys);
        Assert.Contains(new ResourceKey("EndpointSlice", "shop", "v1-1"), _mesh.Keys);
        Assert.Equal(HostKnowledge.Absent, source.Demand("backend").Knowledge);
        Assert.All(source.Health, static health => Assert.Equal(WatchState.Live, health.State));
    }

    [Fact]
    public async Task A_service_that_is_used_stays_and_one_that_is_not_goes()
    {
        var cluster = new FakeCluster(_time);
        cluster.Put(Service("a"), Service("b"));
        await using var source = Source(cluster);
        var events = source.Start(TestContext.Current.CancellationToken);
        await UntilAsync(events, () => _synced);
        var (a, b) = (source.Demand("a"), source.Demand("b"));
        await UntilAsync(events, () => a.Known.IsCompleted && b.Known.IsCompleted);

        _time.Advance(TimeSpan.FromMinutes(9));
        source.Used([new ServiceId("shop", "b")]);

        // What is asked for after that is answered after that.
        var marker = source.Demand("nobody");
        await UntilAsync(events, () => marker.Known.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(5));
        await UntilAsync(events, () => !_mesh.ContainsKey(new ResourceKey("Service", "shop", "a")), Slowly);
        Assert.Contains(new ResourceKey("Service", "shop", "b"), _mesh.Keys);
    }

    [Fact]
    public async Task A_connection_that_can_never_be_made_is_told_to_the_mesh()
    {
        await using var source = Source(static _ => Task.FromException<IReflectorFactory>(new ConnectionException("There is no kubeconfig.") { IsFinal = true }));
        var events = source.Start(TestContext.Current.CancellationToken);
        var before = source.Demand("backend");
        var fault = await Assert.ThrowsAsync<ConnectionException>(() => events.Completion);
        Assert.Equal("There is no kubeconfig.", fault.Message);
        Assert.Empty(source.Health);
        await before.Known.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        foreach (var host in new[] { "backend", "other" })
        {
            var demand = source.Demand(host);
            Assert.Equal((HostKnowledge.Unknown, "the source has ended: There is no kubeconfig."), (demand.Knowledge, demand.Reason));
        }
    }

    [Fact]
    public async Task A_connection_that_fails_for_the_moment_is_tried_again_and_nobody_waits_meanwhile()
    {
        var cluster = new FakeCluster(_time);
        cluster.Put(Service("backend"), Slice("backend"));
        var attempts = 0;
        await using var source = Source(_ => Interlocked.Increment(ref attempts) < 4
            ? Task.FromException<IReflectorFactory>(new ConnectionException("the plugin failed"))
            : Task.FromResult<IReflectorFactory>(cluster));
        var events = source.Start(TestContext.Current.CancellationToken);
        var demand = source.Demand("backend");
        await UntilAsync(events, () => demand.Known.IsCompleted);
        demand = source.Demand("backend");
        Assert.Equal(HostKnowledge.Unknown, demand.Knowledge);
        Assert.EndsWith("there is no connection to the API server: the plugin failed", demand.Reason, StringComparison.Ordinal);
        Assert.False(_synced);

        await UntilAsync(events, () => _synced, Briefly);
        Assert.Equal(4, attempts);
        Assert.Single(_log.Collector.GetSnapshot(), static record => record.Id.Name == "NotConnected");
        await UntilAsync(events, () => source.Demand("backend").Knowledge == HostKnowledge.Absent, Briefly);
        Assert.Contains(new ResourceKey("Service", "shop", "backend"), _mesh.Keys);
    }

    [Fact]
    public async Task A_fault_on_the_loop_is_told_and_the_loop_goes_on()
    {
        var cluster = new FakeCluster(_time);
        cluster.Put(Service("backend"), Slice("backend"));
        await using var source = Source(cluster);
        var events = source.Start(TestContext.Current.CancellationToken);
        await UntilAsync(events, () => _synced);
        source.Used(null!);
        cluster.Tell("HTTPRoute", new WatchUpdate { Upserts = [null!] });
        var demand = source.Demand("backend");
        await UntilAsync(events, () => demand.Known.IsCompleted);
        Assert.Contains(new ResourceKey("Service", "shop", "backend"), _mesh.Keys);
        Assert.Equal(2, _log.Collector.GetSnapshot().Count(static record => record.Id.Name == "SourceFault"));
    }

    [Fact]
    public async Task Those_who_wait_are_let_go_when_the_source_ends()
    {
        var cluster = new FakeCluster(_time);
        cluster.Hold("Service");
        var source = Source(cluster);
        var events = source.Start(TestContext.Current.CancellationToken);
        await UntilAsync(events, () => _synced);
        var demand = source.Demand("backend");
        await source.DisposeAsync();
        await demand.Known.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(HostKnowledge.Unknown, source.Demand("backend").Knowledge);
        Assert.Equal(HostKnowledge.Unknown, source.Demand("another").Knowledge);
        Assert.Equal(HostKnowledge.Foreign, source.Demand("github.com").Knowledge);

        var idle = Source(new FakeCluster(_time));
        demand = idle.Demand("backend");
        await idle.DisposeAsync();
        Assert.True(demand.Known.IsCompleted);
    }

    [Fact]
    public async Task Everything_ends_when_the_source_is_disposed_of_or_cancelled()
    {
        var cluster = new FakeCluster(_time);
        var source = Source(cluster);
        var events = source.Start(TestContext.Current.CancellationToken);
        await UntilAsync(events, () => _synced);
        await source.DisposeAsync();
        source.Dispose();
        await DrainAsync(events);
        Assert.Empty(cluster.Running);
        Assert.True(cluster.IsDisposed);

        var other = new FakeCluster(_time);
        using var stop = new CancellationTokenSource();
        await using var cancelled = Source(other);
        events = cancelled.Start(stop.Token);
        await stop.CancelAsync();
        await DrainAsync(events);
        await cancelled.DisposeAsync();
        Assert.Empty(other.Running);
    }

    [Fact]
    public async Task A_source_that_was_never_started_can_be_disposed_of()
    {
        await using var source = Source(new FakeCluster(_time));
        source.Used([]);
        Assert.Equal(HostKnowledge.Foreign, source.Demand("github.com").Knowledge);
    }

    [Fact]
    public async Task A_process_that_starts_while_the_server_is_away_is_served_from_what_the_last_one_knew()
    {
        var cluster = new FakeCluster(_time);
        cluster.Put(Service("backend"), Slice("backend"), Route("root", "backend", ["backend"]));
        await using (var first = Source(cluster, _directory.Path))
        {
            var events = first.Start(TestContext.Current.CancellationToken);
            await UntilAsync(events, () => _synced);
            var demand = first.Demand("backend");
            await UntilAsync(events, () => demand.Known.IsCompleted);
        }

        _mesh.Clear();
        _synced = false;
        var away = new FakeCluster(_time);
        away.Hold(static _ => true);
        await using var second = Source(away, _directory.Path);
        var restored = second.Start(TestContext.Current.CancellationToken);
        await UntilAsync(restored, () => away.Running.Count > 0);
        _time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(restored, () => _synced, Slowly);
        Assert.Equal(3, _mesh.Count);
        await UntilAsync(restored, () => second.Demand("backend").Knowledge == HostKnowledge.Absent);
        Assert.Contains(_log.Collector.GetSnapshot(), static record => record.Id.Name == "ServedFromSnapshot");

        away.Put(Service("backend", version: 2), Slice("backend"));
        away.Resume();
        await UntilAsync(restored, () => !_mesh.ContainsKey(new ResourceKey("HTTPRoute", "shop", "root")));
        Assert.Contains(new ResourceKey("Service", "shop", "backend"), _mesh.Keys);
    }

    [Fact]
    public async Task A_snapshot_is_on_disk_soon_after_the_start_and_after_changes()
    {
        var cluster = new FakeCluster(_time);
        await using var source = Source(cluster, _directory.Path);
        var events = source.Start(TestContext.Current.CancellationToken);
        await UntilAsync(events, () => _synced && File.Exists(_directory.File));
        cluster.Put(Rule("backend"));
        await UntilAsync(events, () => File.ReadAllText(_directory.File).Contains("rule-backend", StringComparison.Ordinal), Briefly);
    }

    [Fact]
    public async Task A_server_that_answers_at_once_leaves_the_snapshot_alone()
    {
        await WriteSnapshotAsync(Rule("old"));
        await using var source = Source(new FakeCluster(_time), _directory.Path);
        var events = source.Start(TestContext.Current.CancellationToken);
        await UntilAsync(events, () => _synced);
        for (var i = 0; i < 30; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Empty(_mesh);
    }

    [Fact]
    public async Task A_directory_that_is_not_safe_keeps_the_mesh_from_starting()
    {
        Directory.CreateDirectory(_directory.Beside("real"));
        Directory.CreateSymbolicLink(_directory.Path, _directory.Beside("real"));
        await using var source = Source(new FakeCluster(_time), _directory.Path);
        await Assert.ThrowsAsync<SnapshotException>(() => source.Start(TestContext.Current.CancellationToken).Completion);
    }

    [Fact]
    public async Task A_reflector_that_fails_of_itself_begins_anew_and_what_it_has_read_stays()
    {
        var cluster = new FakeCluster(_time);
        cluster.Put(Rule("backend"));
        var factory = new CrashingFactory(cluster);
        await using var source = Source(_ => Task.FromResult<IReflectorFactory>(factory));
        var events = source.Start(TestContext.Current.CancellationToken);
        await UntilAsync(events, () => _synced, Briefly);
        Assert.Equal(10, factory.Crashes);
        Assert.Equal(10, _log.Collector.GetSnapshot().Count(static record => record.Id.Name == "ReflectorFailed"));
        Assert.Single(_mesh);
    }

    private KubernetesSource Source(FakeCluster cluster, string? directory = null) => Source(_ => Task.FromResult<IReflectorFactory>(cluster), directory);

    private KubernetesSource Source(ReflectorConnector connect, string? directory = null) => new(
        KubernetesSourceSettings.From(
            new MeshKubernetesOptions { SnapshotDirectory = directory }, new CallerContext { Namespace = "shop" }, TimeSpan.FromSeconds(10)),
        connect,
        _time,
        _log,
        new Random(1));

    private async Task WriteSnapshotAsync(DestinationRule rule)
    {
        var store = new SnapshotStore(_directory.Path, TimeSpan.FromHours(1), _time, _log);
        store.Prepare();
        var key = new SetKey("destinationrules.networking.istio.io", "shop", null, null);
        store.Write(new SnapshotContent("server-a", "shop", _time.GetUtcNow(), [new SnapshotSet(key, null, _time.GetUtcNow(), [rule])], []));
        await store.FlushAsync();
    }

    private static TimeSpan Briefly() => TimeSpan.FromMilliseconds(20);

    // What is let go of after minutes is still there when the loop has been slow for a while.
    private static TimeSpan Slowly() => TimeSpan.FromMilliseconds(1);

    /// <summary>Takes events as the mesh does until something is so; time goes by with every look, as far as it is told to.</summary>
    private async Task UntilAsync(ChannelReader<ResourceEvent> events, Func<bool> condition, Func<TimeSpan>? step = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), "It never came to that.");
            while (events.TryRead(out var change))
            {
                foreach (var key in change.Deletes)
                {
                    _mesh.Remove(key);
                }

                foreach (var resource in change.Upserts)
                {
                    _mesh[resource.Key] = resource;
                }

                _synced |= change.Synced;
                change.InForce?.TrySetResult();
            }

            if (step is null)
            {
                await Task.Yield();
                continue;
            }

            // Not as fast as it can: a loop that does not get to run for a moment would find that minutes have gone by.
            _time.Advance(step());
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private static async Task DrainAsync(ChannelReader<ResourceEvent> events)
    {
        await foreach (var _ in events.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            // Only its end matters.
        }
    }

    private sealed class CrashingFactory(FakeCluster cluster) : IReflectorFactory
    {
        private int _crashes;

        public int Crashes => _crashes;

        public string ServerIdentity => cluster.ServerIdentity;

        public IReflector Create(WatchTarget target) => new Reflector(this, cluster.Create(target));

        public ValueTask DisposeAsync() => cluster.DisposeAsync();

        private sealed class Reflector(CrashingFactory factory, IReflector inner) : IReflector
        {
            private bool _hasCrashed;

            public WatchTarget Target => inner.Target;

            public long LastContact => inner.LastContact;

            public Task RunAsync(Action<WatchUpdate> sink, CancellationToken cancellationToken)
            {
                if (_hasCrashed)
                {
                    return inner.RunAsync(sink, cancellationToken);
                }

                _hasCrashed = true;
                Interlocked.Increment(ref factory._crashes);
                throw new InvalidOperationException("a fault of its own");
            }
        }
    }
}
