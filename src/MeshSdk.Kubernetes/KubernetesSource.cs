using System.Collections.Immutable;
using System.Threading.Channels;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Snapshots;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes;

/// <summary>Finds the API server and makes what reads from it. Fails only where that can never work, such as without any configuration.</summary>
internal delegate Task<IReflectorFactory> ReflectorConnector(CancellationToken cancellationToken);

/// <summary>
/// A live cluster. One loop owns everything; reflectors, timers and those who ask for hosts post to it. <see cref="ClusterFollower"/> decides, this class
/// only keeps it going.
/// </summary>
internal sealed partial class KubernetesSource : IResourceSource, ISelectiveSource, IServiceDiscovery, ISourceHealth, IDisposable
{
    // A reflector survives whatever the server does; one that ends all the same has met a fault of its own.
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(30);

    // How soon a change is tried again that could not be put together.
    private static readonly TimeSpan FlushRetry = TimeSpan.FromSeconds(10);

    // The grace that a pod has to end is not spent on a disk that hangs.
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(2);

    private readonly KubernetesSourceSettings _settings;
    private readonly ReflectorConnector _connect;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Random _random;
    private readonly ClusterFollower _follower;
    private readonly SnapshotStore? _snapshots;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<WatchedSet, RunningReflector> _running = [];
    private readonly List<Task> _ending = [];

    // Unbounded, both: reflectors must not block, and what the mesh has not taken yet is a reference or two.
    private readonly Channel<Action> _posts = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<ResourceEvent> _events =
        Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private IReflectorFactory? _reflectors;
    private Task _loop = Task.CompletedTask;
    private Task? _disposal;
    private long _savedVersion = -1;
    private bool _isUnsaved;
    private TimeSpan? _saveIn;
    private long _flushFrom;

    public KubernetesSource(
        KubernetesSourceSettings settings, ReflectorConnector connect, TimeProvider time, ILogger<KubernetesSource> logger, Random random)
    {
        _settings = settings;
        _connect = connect;
        _time = time;
        _logger = logger;
        _random = random;
        _follower = new ClusterFollower(settings.Scopes, time, random, Start, Stop, Post);
        _follower.Peers = settings.Peers;
        _snapshots = settings.SnapshotDirectory is { } directory ? new SnapshotStore(directory, settings.SnapshotMaxAge, time, logger) : null;
    }

    public string Name => "Kubernetes";

    public ImmutableArray<WatchHealth> Health => WatchHealthReport.Of(_follower.Sets.All, _settings.Scopes.StaleAfter);

    public bool LoadsOnDemand => _settings.Scopes.IsOnDemand;

    /// <summary>Longer than the follower ever takes; a bound for a loop that does not get to run.</summary>
    public TimeSpan LongestWait => _settings.Scopes.FirstCallTimeout is var wait && wait < TimeSpan.FromSeconds(7.5) ? TimeSpan.FromSeconds(15)
        : wait > TimeSpan.FromDays(24) ? TimeSpan.FromDays(48)
        : 2 * wait;

    public void Select(PeerDemand peers) => _follower.Peers = peers;

    public HostDemand Demand(string host) => _follower.Demand(host);

    public void Used(IReadOnlyCollection<ServiceId> services) => Post(() => _follower.Used(services));

    public ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken)
    {
        // The loop outlives the request or the scope that happens to start it.
        using (ExecutionContext.SuppressFlow())
        {
            _loop = Task.Run(() => RunAsync(cancellationToken), CancellationToken.None);
        }

        return _events.Reader;
    }

    public ValueTask DisposeAsync()
    {
        lock (_stop)
        {
            return new ValueTask(_disposal ??= Task.Run(TakeDownAsync));
        }
    }

    // Nothing in the asynchronous way needs the caller's thread, so waiting for it here cannot deadlock.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task TakeDownAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);

        // One that was never started has nobody else to say so.
        End(fault: null);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        Exception? fault = null;
        try
        {
            _snapshots?.Prepare();
            _reflectors = await ConnectAsync(stop.Token).ConfigureAwait(false);
            LoadSnapshot();
            _follower.Start();
            await FollowAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked for.
        }
#pragma warning disable CA1031 // The reader of the channel is the one to hear it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            fault = e;
        }

        // Before anything that takes its time: nobody may wait for an answer that never comes.
        _posts.Writer.TryComplete();
        _follower.End(EndReason(fault));
        try
        {
            await EndAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // What cannot be taken down is no reason to keep the end from those who wait for it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(e);
        }

        End(fault);
    }

    private void End(Exception? fault)
    {
        _posts.Writer.TryComplete();
        _follower.End(EndReason(fault));
        _events.Writer.TryComplete(fault);
    }

    private static string EndReason(Exception? fault) => $"the source has ended: {(fault is null ? "it was disposed of" : fault.Message)}";

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var alarm = _time.CreateTimer(_ => Post(static () => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        do
        {
            // Whatever has piled up becomes one change.
            while (_posts.Reader.TryRead(out var post))
            {
                Guard(post);
            }

            _follower.Tick(Guard);
            Flush();
            Guard(Save);
            alarm.Change(NextAlarm() ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        while (await _posts.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Runs one thing that is to be done. A fault in it is a fault in this code, and ends neither the loop nor what it holds in force.
    /// </summary>
    private void Guard(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // See above.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogFailed(fault);
        }
    }

    private void Flush()
    {
        if (_time.GetTimestamp() < _flushFrom)
        {
            return;
        }

        try
        {
            do
            {
                if (_follower.Flush() is { } change)
                {
                    _isUnsaved = true;
                    _events.Writer.TryWrite(change);
                }
            }
            while (_follower.HasMore);
        }
#pragma warning disable CA1031 // The last known stays in force, and what has come since is looked at again, though not in every turn of the loop.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogFailed(fault);
            _flushFrom = _follower.After(FlushRetry, static () => { });
        }
    }

    private TimeSpan? NextAlarm()
    {
        var next = _follower.NextTick;
        next = _saveIn is { } save && !(next < save) ? save : next;

        // A fraction of a millisecond would be cut to nothing, and the loop would spin until it is over.
        return next is { } time ? time + TimeSpan.FromMilliseconds(1) : null;
    }

    private void LoadSnapshot()
    {
        if (_snapshots?.Load(_reflectors!.ServerIdentity, _settings.Scopes.Caller.Namespace) is not { } snapshot)
        {
            return;
        }

        // A server that is there has the first word.
        _follower.After(_settings.SnapshotDelay, () =>
        {
            try
            {
                if (!_follower.IsSynced && _follower.Restore(snapshot))
                {
                    LogServedFromSnapshot(snapshot.Time);
                }
            }
            catch (InvalidDataException e)
            {
                _snapshots.Ignore(e.Message);
            }
        });
    }

    private void Save()
    {
        if (_snapshots is null || !_follower.IsSynced)
        {
            return;
        }

        _isUnsaved |= _follower.Sets.Version != _savedVersion;
        _saveIn = _snapshots.DueIn(_isUnsaved);
        if (_saveIn > TimeSpan.Zero)
        {
            return;
        }

        _isUnsaved = false;
        _savedVersion = _follower.Sets.Version;
        if (_follower.Capture(_reflectors!.ServerIdentity) is { } content)
        {
            _snapshots.Write(content);
        }

        _saveIn = _snapshots.DueIn(isChanged: false);
    }

    private async Task EndAsync()
    {
        if (_snapshots is not null && _reflectors is not null && _follower.IsSynced && _follower.Capture(_reflectors.ServerIdentity) is { } content)
        {
            _snapshots.Write(content);
        }

        Task[] ended = [.. _ending, .. _running.Values.Select(static running => running.Task)];
        foreach (var running in _running.Values)
        {
            await running.Stop.CancelAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(ended).ConfigureAwait(false);
        if (_snapshots is not null)
        {
            try
            {
                await _snapshots.FlushAsync().WaitAsync(LongestFlush, _time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                _snapshots.GiveUp();
            }
        }

        if (_reflectors is not null)
        {
            await _reflectors.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Post(Action action) => _posts.Writer.TryWrite(action);

    private void Start(WatchedSet set)
    {
        var reflector = _reflectors!.Create(set.Target);
        var stop = new CancellationTokenSource();
        set.Reflector = reflector;
        _running[set] = new RunningReflector(stop, RunAsync(set, reflector, stop.Token));
    }

    private void Stop(WatchedSet set)
    {
        if (_running.Remove(set, out var running))
        {
            // Elsewhere: what hangs on the token is the reflector's, and the loop neither waits for it nor falls over it. Not disposed of, since the
            // reflector may still look at the token, and without timers and handles there is nothing to free.
            _ = running.Stop.CancelAsync();
            _ending.RemoveAll(static task => task.IsCompleted);
            _ending.Add(running.Task);
        }
    }

    private async Task RunAsync(WatchedSet set, IReflector reflector, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await reflector.RunAsync(update => Post(() => _follower.Apply(set, update)), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it is, what was read stays in force and the next attempt may go well.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                LogReflectorFailed(set.Target, fault);
                await Task.Delay(RestartDelay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private sealed record RunningReflector(CancellationTokenSource Stop, Task Task);
}
