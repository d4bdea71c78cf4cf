using System.Security.Cryptography;
using MeshSdk.Model;
using MeshSdk.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Security;

/// <summary>
/// The identity of this process as connections use it: the present one, whoever waits for the first one, and why there is none. Written by the one source,
/// read by every dial.
/// </summary>
internal sealed partial class IdentityStore : ICertificateSink, IDisposable
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly ILogger _log;
    private readonly IdentityMetrics? _metrics;
    private readonly ExpiryAlarm _alarm;
    private TaskCompletionSource _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Held? _held;
    private volatile Held? _warned;
    private volatile Exception? _failure;
    private volatile bool _isDisposed;
    private MeshSettings _mesh = MeshSettings.Default;
    private long _start;

    /// <param name="hasSource">Whether there will ever be one: a source is configured, or was found.</param>
    /// <param name="time">Its clock; null: the system's.</param>
    /// <param name="patience">How long after the start of the mesh dials wait for one; null: as long as a mesh waits by default.</param>
    /// <param name="log">Null for nowhere.</param>
    /// <param name="metrics">Null for nowhere.</param>
    public IdentityStore(bool hasSource, TimeProvider? time = null, TimeSpan? patience = null, ILogger? log = null, IdentityMetrics? metrics = null)
    {
        HasSource = hasSource;
        _time = time ?? TimeProvider.System;
        _patience = patience ?? TimeSpan.FromSeconds(10);
        _log = log ?? NullLogger.Instance;
        _metrics = metrics;
        _alarm = new ExpiryAlarm(_time, OnAlarm);
        _start = _time.GetTimestamp();
    }

    /// <summary>Whether there will ever be one: a source is configured, or was found.</summary>
    public bool HasSource { get; }

    /// <summary>What the source is, or, where there is none, what was looked for; for errors and logs.</summary>
    public string Source { get; init; } = "its source";

    /// <summary>Null before the first one, and where the last one has expired: it is nothing to show any more.</summary>
    public IdentityContext? Current => _held is { } held && held.NotAfter > _time.GetUtcNow() ? held.Context : null;

    /// <summary>The last one that came, whether it has expired or not.</summary>
    public MeshIdentity? Last => _held?.Context.Identity;

    /// <summary>Why there is none, or none newer; null where nothing is wrong.</summary>
    public Exception? Failure => _failure;

    /// <summary>Completes with the first one.</summary>
    public Task First => _first.Task;

    /// <summary>Whether there is none and waiting is of no use any more: what needs one is refused at once.</summary>
    public bool IsHopeless => Current is null && (!HasSource || _isDisposed || Remaining <= TimeSpan.Zero);

    /// <summary>What holds for the trust domains of the mesh, and for the TLS of all its members.</summary>
    public MeshSettings Mesh
    {
        get => Volatile.Read(ref _mesh);
        set => Volatile.Write(ref _mesh, value);
    }

    /// <summary>Another one is in force. Raised one at a time, by the thread that brought it.</summary>
    public event Action<IdentityContext>? Changed;

    private TimeSpan Remaining => _patience - _time.GetElapsedTime(Volatile.Read(ref _start));

    /// <summary>The mesh starts: from now on counts how long dials wait.</summary>
    public void Start() => Volatile.Write(ref _start, _time.GetTimestamp());

    /// <summary>The present one; where there is none yet, the first that comes before the mesh has been up for as long as its start may take.</summary>
    /// <exception cref="IdentityUnavailableException">There is none, and none has come in time.</exception>
    public ValueTask<IdentityContext> GetAsync(CancellationToken cancellationToken) =>
        Current is { } context ? ValueTask.FromResult(context) : WaitAsync(cancellationToken);

    public void Publish(MeshIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        IdentityContext context;
        Held? previous;
        TaskCompletionSource arrival;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            previous = _held;
            context = Prepare(identity, previous);
            _held = new Held(context, ExpiryOf(identity));
            _failure = null;
            arrival = _arrival;
            _arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _first.TrySetResult();
        arrival.TrySetResult();
        if (ReferenceEquals(context, previous?.Context))
        {
            // The source has got over a failure, and the identity is the one that it was.
            LogRecovered(Source);
            return;
        }

        _alarm.Set(ExpiryOf(identity));
        if (previous is not null)
        {
            _metrics?.CountRotation();
        }

        LogAdopted(identity);
        Tell(context);
    }

    public void Failed(Exception reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (_isDisposed)
        {
            return;
        }

        var last = _failure;
        _failure = reason;
        _metrics?.CountFailure();

        // A source that tries again and again says the same again and again.
        if (last?.Message != reason.Message)
        {
            LogFailing(Current is null ? LogLevel.Error : LogLevel.Warning, Source, reason.Message);
        }
    }

    /// <summary>Nobody waits any longer, and nothing comes any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        _alarm.Dispose();
        _arrival.TrySetResult();
    }

    private IdentityContext Prepare(MeshIdentity identity, Held? previous)
    {
        if (ReferenceEquals(identity, previous?.Context.Identity) && previous.NotAfter > _time.GetUtcNow())
        {
            return previous.Context;
        }

        try
        {
            if (ExpiryOf(identity) is var expiry && expiry <= _time.GetUtcNow())
            {
                throw new ArgumentException($"the certificate of {NameOf(identity)} has expired at {expiry:u}");
            }

            return IdentityContext.Create(identity, previous?.Context, _time);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            Failed(e);
            throw e as ArgumentException ?? new ArgumentException(e.Message, e);
        }
    }

    private async ValueTask<IdentityContext> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Before the look, so that none comes between the two.
            var arrival = Volatile.Read(ref _arrival).Task;
            if (Current is { } context)
            {
                return context;
            }

            if (IsHopeless)
            {
                throw Unavailable();
            }

            try
            {
                await arrival.WaitAsync(TimeSpan.FromTicks(Math.Max(0, Remaining.Ticks)), _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The look at the clock decides.
            }
        }
    }

    private static DateTimeOffset ExpiryOf(MeshIdentity identity) => new(identity.Certificate.NotAfter.ToUniversalTime());

    private static string NameOf(MeshIdentity identity) => identity.Id?.ToString() ?? "an identity without a SPIFFE ID";

    private sealed record Held(IdentityContext Context, DateTimeOffset NotAfter);
}
