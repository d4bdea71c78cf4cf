using System.Collections.Immutable;
using MeshSdk.Clusters;
using MeshSdk.Http;
using MeshSdk.Http.Attempts;
using MeshSdk.Http.Mirroring;
using MeshSdk.Http.Rpc;
using MeshSdk.Http.Sessions;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using MeshSdk.Routing;
using MeshSdk.Security.Handshakes;
using MeshSdk.Sources;
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
    private readonly RouteMetrics _routeMetrics;
    private readonly EjectionMetrics _ejectionMetrics;
    private readonly CircuitBreakerMetrics _breakers;
    private readonly ClusterRegistry _clusters;
    private readonly FrontendIndex _frontends;
    private readonly UsageReport? _usage;
    private volatile Exception? _lost;
    private Task _deadline = Task.CompletedTask;
    private Task? _running;
    private Task? _disposal;

    // The kill switch, and what keeps the mesh from doing anything where a sidecar does it all.
    private volatile bool _isOn;
    private volatile LocalProxy _proxy;

    // Completed while all calls pass through.
    private TaskCompletionSource _off = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="environment">What the mesh finds around it.</param>
    /// <param name="source">Where snapshots come from.</param>
    /// <param name="discovery">Asked for hosts that they do not have; null where they always have all of them.</param>
    /// <param name="identity">Where the identity of this process comes from; null: it is looked for.</param>
    public MeshRuntime(MeshEnvironment environment, ISnapshotSource source, IServiceDiscovery? discovery = null, IdentityFinding? identity = null)
    {
        var options = environment.Options;
        Identity = new IdentityLifetime(environment, identity ?? environment.FindIdentity());
        _source = source;
        _timeout = options.Startup.Timeout;
        _fallback = options.Startup.Fallback;
        _time = environment.Time;
        _logger = environment.CreateLogger<MeshRuntime>();
        _telemetry = new MeshTelemetry(environment.Caller, environment.Meters);
        _routeMetrics = new RouteMetrics(environment.Meters, () => _snapshot);
        _ejectionMetrics = new EjectionMetrics(environment.Meters, Ejections.ByCluster);
        _breakers = new CircuitBreakerMetrics(environment.Meters);
        var identities = Identity.Store;
        _clusters = new ClusterRegistry(
            new LoadBalancingPolicies(environment.Random, environment.Time, environment.Caller.Address),
            new TransportSettings
            {
                Time = environment.Time,
                Security = new TransportSecurity(identities, new TlsConnector(identities, environment.Time, environment.CreateLogger<TlsConnector>())),
                IgnoresTls = options.Security == MeshSecurity.Off,
                DrainTimeout = options.DrainTimeout,
                Factory = options.TransportFactory,
                Configure = options.ConfigureTransport,
                MeterFactory = environment.Meters,
                Breakers = _breakers,
                Health = EndpointHealth = options.EndpointHealth?.Invoke(environment.Time, environment.Random, new UnfailingLoggerFactory(environment.Loggers)),
            },
            new OutlierServices(
                environment.Random, Ejections, new EjectionReporter(_telemetry, environment.CreateLogger<OutlierDetector>(), environment.Time)));
        identities.Changed += _clusters.Adopt;
        _frontends = new FrontendIndex(_clusters, environment.Random);
        _usage = discovery is null ? null : new UsageReport(_frontends, discovery, _time, environment.CreateLogger<UsageReport>());
        var outbound = discovery is null && options.Outbound == MeshOutbound.AllowAny ? null : new OutboundPolicy(
            _frontends,
            new ServiceNames(environment.Caller, _frontends.HasNamespace),
            new NamedServices(() => _snapshot),
            id => _snapshot.ExternalServices.Contains(id),
            discovery,
            options.Outbound,
            _time);
        Engine = new MeshEngine(_frontends, _telemetry, new StartGate(WaitUntilReadyAsync), new SessionTokens(options.SessionKey, _time), outbound)
        {
            FilterLog = environment.CreateLogger<IMeshFilter>(),
            Unserved = new UnservedPorts(_frontends, environment.CreateLogger<UnservedPorts>()),
            Attempts = new AttemptServices(
                _time, environment.Random, new Mirrors(_time, environment.Random, _telemetry, options.StripMirrorCredentials)),
        };
        Engine.Methods.Log = environment.CreateLogger<RpcMethods>();
        _proxy = environment.Caller.Proxy ?? LocalProxy.None;
        _inbound = options.ServesInbound ? Initially(environment.Caller.Proxy) : InboundModel.None;
        _inboundReport = options.ServesInbound ? new InboundReport(Identity.Finding, environment.Caller.Proxy is not null, environment.CreateLogger<InboundReport>()) : null;
        if (_inbound.Proxy.Kind != LocalProxyKind.None)
        {
            _inboundReport?.Tell(_inbound);
        }

        Enabled = options.Enabled;
        if (HasSidecar)
        {
            LogSidecar(_proxy.Evidence);
        }

        if (options.Security == MeshSecurity.Off)
        {
            LogSecurityOff();
        }
    }

    public MeshEngine Engine { get; }

    /// <summary>The clock of the mesh.</summary>
    public TimeProvider Time => _time;

    /// <summary>Who this process is to its peers.</summary>
    public IdentityLifetime Identity { get; }

    /// <summary>The endpoints that are ejected now.</summary>
    public Ejections Ejections { get; } = new();

    /// <summary>Asks endpoints whether they serve; null where nobody does.</summary>
    public IEndpointHealthSource? EndpointHealth { get; }

    /// <summary>The kill switch. Calls that wait for the start are let go when it is thrown.</summary>
    public bool Enabled
    {
        get => _isOn;
        set
        {
            lock (_gate)
            {
                _isOn = value;
                Steer();
            }
        }
    }

    /// <summary>What else handles the traffic of this process.</summary>
    public LocalProxy Proxy => _proxy;

    /// <summary>Every call passes through, since a sidecar does what would be done here.</summary>
    public bool HasSidecar => _proxy.Kind == LocalProxyKind.Sidecar;

    public MeshStatus Status =>
        !Enabled ? MeshStatus.Disabled
        : HasSidecar ? MeshStatus.PassThrough
        : _synced.Task.IsCompletedSuccessfully ? MeshStatus.Ready
        : _synced.Task.IsFaulted ? MeshStatus.Failed
        : _running is null ? MeshStatus.NotStarted
        : MeshStatus.Starting;

    /// <summary>
    /// Why it could not start; when it is ready, what keeps changes from being put in force. Null where nothing is wrong.
    /// </summary>
    public Exception? Failure => _synced.Task.Exception?.InnerException ?? _lost ?? _unpublished;

    /// <summary>How fresh what the sources delivered is, where they can tell.</summary>
    public ImmutableArray<WatchHealth> SourceHealth => (_source as ISourceHealth)?.Health ?? [];

    /// <summary>True once no change will ever arrive again, because the source of them failed for good.</summary>
    public bool SourceLost => _lost is not null;

    /// <summary>Completes when the mesh is ready, or when a call may go out without it. Starts it where nobody has yet.</summary>
    /// <returns>False where the call is to go out without it: it has been switched off, or plain DNS takes its place.</returns>
    /// <exception cref="HttpRequestException">The configuration has not arrived in time, or never will.</exception>
    /// <exception cref="ObjectDisposedException">The mesh is disposed of, or was so during the wait.</exception>
    public async Task<bool> WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (Engine.Enabled)
        {
            var (deadline, off) = Start();
            await Task.WhenAny(_synced.Task, deadline, off).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!off.IsCompleted)
            {
                return IsReady();
            }

            // Switched off (or a sidecar has shown), and perhaps on again already: then it is a wait like any other.
        }

        return false;
    }

    /// <summary>Another proxy may show when the own pod is read, which comes with the configuration.</summary>
    private void Follow(LocalProxy proxy)
    {
        lock (_gate)
        {
            _proxy = proxy;
            Steer();
        }
    }

    /// <summary>Under the gate.</summary>
    private void Steer()
    {
        Engine.Enabled = _isOn && !HasSidecar;
        if (!Engine.Enabled)
        {
            _off.TrySetResult();
        }
        else if (_off.Task.IsCompleted)
        {
            _off = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private bool IsReady()
    {
        ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, typeof(Mesh));
        if (_synced.Task.IsCompletedSuccessfully)
        {
            return true;
        }

        if (_fallback == MeshStartupFallback.PlainDns)
        {
            return false;
        }

        throw _synced.Task.Exception?.InnerException is { } failure
            ? new HttpRequestException($"The mesh cannot start: {failure.Message}", failure)
            : NotInTime();
    }

    private HttpRequestException NotInTime()
    {
        var within = $"within {_timeout.TotalSeconds:0.###} s (Mesh:Startup:Timeout)";
        const string Alternative = "Mesh:Startup:Fallback=PlainDns would send calls where DNS says until then.";
        return _unpublished is { } error
            ? new HttpRequestException($"The mesh could not put its configuration in force {within}: {error.Message}. {Alternative}", error)
            : new HttpRequestException($"The mesh has not received its configuration {within}. {Alternative}");
    }

    /// <returns>The moment after which nobody waits any longer, and the throw of the switch.</returns>
    private (Task Deadline, Task Off) Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, typeof(Mesh));
            if (_running is null)
            {
                // Nothing of the caller who happens to come first (its trace, its culture, its scope) belongs to the mesh.
                using (ExecutionContext.SuppressFlow())
                {
                    _deadline = Task.Delay(_timeout, _time, _stop.Token);
                    Identity.Start(_stop.Token);
                    _running = Task.Run(RunAsync);
                    _usage?.Start();
                }
            }

            return (_deadline, _off.Task);
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
            _lost = e;
            LogSourceLost(e.Message, e);
        }
        catch (Exception e)
        {
            LogCannotStart(e.Message, e);
            GiveUpInbound(e.Message);
            _synced.TrySetException(e);

            // Nobody may be waiting.
            _ = _synced.Task.Exception;
        }
    }

    /// <summary>Whoever asks again, or at the same time, waits for the one disposal and hears what came of it.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_disposal ??= Task.Run(() => TakeDownAsync(_running ?? Task.CompletedTask)));
        }
    }

    private async Task TakeDownAsync(Task running)
    {
        Engine.Close();
        _usage?.Dispose();
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
            try
            {
                await Identity.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                Engine.Attempts.Dispose();
                _clusters.Dispose();
                _telemetry.Dispose();
                _routeMetrics.Dispose();
                _ejectionMetrics.Dispose();
                _breakers.Dispose();
                _stop.Dispose();
            }
        }
    }

    // Nothing in the asynchronous way needs the caller's thread, so waiting for it here cannot deadlock.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
