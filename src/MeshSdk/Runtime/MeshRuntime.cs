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
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ISnapshotSource _source;
    private readonly TimeSpan _timeout;
    private readonly MeshStartupFallback _fallback;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MeshTelemetry _telemetry;
    private readonly ClusterRegistry _clusters;
    private readonly FrontendIndex _frontends;
    private Task _deadline = Task.CompletedTask;
    private Task? _running;
    private bool _disposed;

    public MeshRuntime(MeshEnvironment environment, ISnapshotSource source)
    {
        var options = environment.Options;
        _source = source;
        _timeout = options.Startup.Timeout;
        _fallback = options.Startup.Fallback;
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

    /// <summary>Completes when the mesh is ready, or when a call may go out without it. Starts it where nobody has yet.</summary>
    /// <exception cref="HttpRequestException">The configuration has not arrived in time, or never will.</exception>
    /// <exception cref="ObjectDisposedException">The mesh is disposed of, or was so during the wait.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var deadline = Start();
        await Task.WhenAny(_synced.Task, deadline).WaitAsync(cancellationToken).ConfigureAwait(false);
        ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(Mesh));
        if (_synced.Task.IsCompletedSuccessfully || _fallback == MeshStartupFallback.PlainDns)
        {
            return;
        }

        throw Failure is { } failure
            ? new HttpRequestException($"The mesh cannot start: {failure.Message}", failure)
            : new HttpRequestException(
                $"The mesh has not received its configuration within {_timeout.TotalSeconds:0.###} s (Mesh:Startup:Timeout). " +
                "Mesh:Startup:Fallback=PlainDns would send calls where DNS says until it arrives.");
    }

    /// <returns>The moment after which nobody waits any longer.</returns>
    private Task Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Mesh));
            if (_running is null)
            {
                // Nothing of the caller who happens to come first (its trace, its culture, its scope) belongs to the mesh.
                using (ExecutionContext.SuppressFlow())
                {
                    _deadline = Task.Delay(_timeout, _time, _stop.Token);
                    _running = Task.Run(RunAsync);
                }
            }

            return _deadline;
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await _source.RunAsync(this, _stop.Token).ConfigureAwait(false);
            _stop.Token.ThrowIfCancellationRequested();
            if (!_synced.Task.IsCompleted)
            {
                throw new InvalidOperationException("the configuration source ended before it had delivered everything");
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _synced.TrySetCanceled();
        }
        catch (Exception e) when (_synced.Task.IsCompleted)
        {
            LogSourceLost(e.Message, e);
        }
        catch (Exception e)
        {
            LogCannotStart(e.Message, e);
            _synced.TrySetException(e);

            // Nobody may be waiting.
            _ = _synced.Task.Exception;
        }
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
        LogReady(Snapshot.Services.Count, Snapshot.Services.Values.Sum(static s => s.Clusters.Sum(static c => c.Endpoints.Length)));
        Engine.Gate.Open();
        _synced.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            running = _running ?? Task.CompletedTask;
        }

        Engine.Gate.Close();
        await _stop.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        try
        {
            if (_source is IAsyncDisposable source)
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _clusters.Dispose();
            _telemetry.Dispose();
            _stop.Dispose();
        }
    }

    // Nothing in the asynchronous way needs the caller's thread, so waiting for it here cannot deadlock.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
