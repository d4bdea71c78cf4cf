using MeshSdk.Clusters;
using MeshSdk.Http;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

/// <summary>
/// One mesh in one process: starts at the first call or when its host does, puts snapshots in force, and takes everything down again.
/// </summary>
internal sealed partial class MeshRuntime : ISnapshotSink, IAsyncDisposable, IDisposable
{
    private readonly Lock _startGate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ISnapshotSource _source;
    private readonly MeshStartupOptions _startup;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MeshTelemetry _telemetry;
    private readonly ClusterRegistry _clusters;
    private readonly FrontendIndex _frontends;
    private Task? _running;
    private Task? _deadline;
    private int _disposed;

    public MeshRuntime(MeshEnvironment environment, ISnapshotSource source)
    {
        var options = environment.Options;
        _source = source;
        _startup = options.Startup;
        _time = environment.Time;
        _logger = environment.Loggers.CreateLogger<MeshRuntime>();
        _telemetry = new MeshTelemetry(environment.Caller, environment.Meters);
        _clusters = new ClusterRegistry(new LoadBalancingPolicies(environment.Random), new TransportSettings
        {
            Time = environment.Time,
            DrainTimeout = options.DrainTimeout,
            Factory = options.TransportFactory,
            Configure = options.ConfigureTransport,
            MeterFactory = environment.Meters,
        });
        _frontends = new FrontendIndex(_clusters, environment.Random);
        Engine = new MeshEngine(_frontends, _telemetry, options.Security, new StartGate(WaitUntilReadyAsync)) { Enabled = options.Enabled };
        if (options.Security == MeshSecurity.Off)
        {
            LogSecurityOff();
        }
    }

    public MeshEngine Engine { get; }

    public MeshSnapshot Snapshot { get; private set; } = MeshSnapshot.Empty;

    public MeshStatus Status =>
        !Engine.Enabled ? MeshStatus.Disabled
        : _synced.Task.IsCompletedSuccessfully ? MeshStatus.Ready
        : _synced.Task.IsFaulted ? MeshStatus.Failed
        : _running is null ? MeshStatus.NotStarted
        : MeshStatus.Starting;

    /// <summary>Why it failed; null where it did not.</summary>
    public Exception? Failure => _synced.Task.Exception?.InnerException;

    /// <summary>Starts where nobody has yet.</summary>
    public void Start()
    {
        lock (_startGate)
        {
            if (_running is not null)
            {
                return;
            }

            // Nothing of the caller who happens to come first (its trace, its culture, its scope) belongs to the mesh.
            using (ExecutionContext.SuppressFlow())
            {
                _deadline = Task.Delay(_startup.Timeout, _time, _stop.Token);
                _running = Task.Run(RunAsync);
            }
        }
    }

    /// <summary>Completes when the mesh is ready, or when a call may go out without it.</summary>
    /// <exception cref="HttpRequestException">The configuration has not arrived in time, or never will.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(Mesh));
        Start();
        await Task.WhenAny(_synced.Task, _deadline!).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_synced.Task.IsCompletedSuccessfully || _startup.Fallback == MeshStartupFallback.PlainDns)
        {
            return;
        }

        throw _synced.Task.IsFaulted
            ? new HttpRequestException($"The mesh cannot start: {Failure!.Message}", Failure)
            : new HttpRequestException(
                $"The mesh has not received its configuration within {_startup.Timeout.TotalSeconds:0.###} s (Mesh:Startup:Timeout). " +
                "Mesh:Startup:Fallback=PlainDns would send calls where DNS says until it arrives.");
    }

    private async Task RunAsync()
    {
        try
        {
            await _source.RunAsync(this, _stop.Token).ConfigureAwait(false);
            _synced.TrySetException(new InvalidOperationException("the configuration source ended before it had delivered everything"));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _synced.TrySetCanceled();
        }
        catch (Exception e)
        {
            if (_synced.TrySetException(e))
            {
                LogCannotStart(e.Message, e);
            }
            else
            {
                LogSourceLost(e.Message, e);
            }
        }

        // Nobody may be waiting.
        _ = _synced.Task.Exception;
    }

    public void Publish(MeshSnapshot snapshot, IReadOnlyCollection<ServiceId> changed)
    {
        var previous = Snapshot;
        Apply(previous, snapshot, changed);
        Snapshot = snapshot;
        LogChange(previous, snapshot, changed);
    }

    // Endpoints first, then the routes that lead to them, and only then does what no route leads to any more go: a request never meets a
    // gap between the two.
    private void Apply(MeshSnapshot previous, MeshSnapshot snapshot, IReadOnlyCollection<ServiceId> changed)
    {
        foreach (var id in changed)
        {
            if (snapshot.Services.TryGetValue(id, out var service))
            {
                _clusters.Apply(service);
            }
        }

        foreach (var id in changed)
        {
            _frontends.Apply(id, previous.Services.GetValueOrDefault(id), snapshot.Services.GetValueOrDefault(id));
        }

        foreach (var id in changed)
        {
            _clusters.Retire(previous.Services.GetValueOrDefault(id), snapshot.Services.GetValueOrDefault(id));
        }
    }

    public void Synced()
    {
        Engine.Gate.Open();
        if (_synced.TrySetResult())
        {
            LogReady(Snapshot.Services.Count, Snapshot.Services.Values.Sum(static s => s.Clusters.Sum(static c => c.Endpoints.Length)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        Task? running;
        lock (_startGate)
        {
            running = _running ??= Task.CompletedTask;
        }

        await running.ConfigureAwait(false);
        if (_source is IAsyncDisposable source)
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }

        _clusters.Dispose();
        _telemetry.Dispose();
        _stop.Dispose();
    }

    // Nothing in the asynchronous way needs the caller's thread, so waiting for it here cannot deadlock.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
