using System.Net;
using MeshSdk.Http.Rpc;
using MeshSdk.Resilience;
using MeshSdk.Routing;
using MeshSdk.Telemetry;

namespace MeshSdk.Http.Timeouts;

/// <summary>
/// The response body of a request with timeouts, which owns their timers until it ends. What comes too late ends with a <see cref="RouteTimeoutException"/>,
/// and counts as that even where nobody reads; its connection is not held any longer.
/// </summary>
internal sealed class TimedContent : OutcomeContent
{
    private static readonly CancellationToken Over = new(canceled: true);

    private readonly TryTimers _timers;
    private readonly string _flags;
    private readonly Func<string, Exception>? _late;
    private readonly CancellationTokenRegistration _expiry;

    // The timers belong to another request from the moment this is true; what they had to say is kept in the text.
    private volatile bool _isOver;
    private volatile string? _lateness;
    private int _readers;

    /// <param name="response">Whose body it is.</param>
    /// <param name="outcome">What is owed at its end.</param>
    /// <param name="timers">Returned at its end.</param>
    /// <param name="flags">What telemetry is to say where nothing else goes wrong.</param>
    /// <param name="origin">Where it came from.</param>
    /// <param name="late">What a gRPC channel is to be told by, in the middle of a message; null: by a <see cref="RouteTimeoutException"/>.</param>
    public TimedContent(
        HttpResponseMessage response, CallOutcome outcome, TryTimers timers, string flags, RpcOrigin origin = default, Func<string, Exception>? late = null)
        : base(response, outcome, origin)
    {
        (_flags, _late) = (flags, late);
        timers.Unlink();
        if (timers is { Token.IsCancellationRequested: true, IsExpired: false })
        {
            // The caller went away as the headers came. That ends no body, and these timers can tell no time any more.
            timers.Return();
            timers = timers with { Request = null, Attempt = null };
        }

        _timers = timers;
        _expiry = timers.Token.UnsafeRegister(static content => ((TimedContent)content!).Expire(), this);
    }

    /// <summary>Hears of a gRPC call that ends well; null for nobody.</summary>
    public RetryThrottle? Throttle { get; init; }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Limit => !_isOver ? _timers.Token : _lateness is null ? CancellationToken.None : Over;

    /// <summary>Announces a read. The body below is not disposed of before <see cref="Leave"/>.</summary>
    /// <exception cref="RouteTimeoutException">The time is over.</exception>
    public void Enter()
    {
        if (!TryEnter())
        {
            throw TooLate(_lateness!);
        }
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _readers) == 0 && _lateness is not null)
        {
            LetGo();
        }
    }

    /// <summary>What a reader that was stopped gets to see: its own cancellation, or that the time is over.</summary>
    public Exception Stopped(OperationCanceledException error, CancellationToken reader)
    {
        if (reader.IsCancellationRequested)
        {
            return error.CancellationToken == reader ? error : new TaskCanceledException(error.Message, error, reader);
        }

        // Only if it was not over after they were asked, it was these timers that answered.
        var lateness = _timers.IsExpired ? Describe() : null;
        if ((_isOver ? _lateness : lateness) is not { } text)
        {
            return error;
        }

        Expire();
        return TooLate(text);
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken)
    {
        if (!TryEnter())
        {
            return Observe(Stream.Null);
        }

        try
        {
            return base.CreateContentReadStream(cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        _lateness is null ? base.CreateContentReadStreamAsync(cancellationToken) : Task.FromResult(Observe(Stream.Null));

    protected override Stream Observe(Stream inner) => base.Observe(_timers.IsRunning ? new TimedStream(inner, this) : inner);

    protected override Task CopyInnerAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _timers.IsRunning ? CopyInTimeAsync(stream, context, cancellationToken) : base.CopyInnerAsync(stream, context, cancellationToken);

    // A synchronous copy has no token that could stop it.
    protected override void CopyInner(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_timers.IsRunning)
        {
            CopyInTimeAsync(stream, context, cancellationToken).GetAwaiter().GetResult();
        }
        else
        {
            base.CopyInner(stream, context, cancellationToken);
        }
    }

    public override Exception Translate(Exception error) => _late is not null && error is RouteTimeoutException ? _late(error.Message) : error;

    protected override string FlagsOf(string flags) =>
        flags == ResponseFlags.None ? _flags : _flags == ResponseFlags.None ? flags : $"{flags},{_flags}";

    protected override void Finished(string flags)
    {
        _lateness = flags == ResponseFlags.UpstreamRequestTimeout ? Describe() : null;
        _isOver = true;
        _expiry.Dispose();
        _timers.Return();
        if (Throttle is not null && GrpcCall.StatusOf(Response) == 0)
        {
            Throttle.Succeed();
        }
    }

    private async Task CopyInTimeAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            using var either = ReadLimit.Of(cancellationToken, Limit);
            await base.CopyInnerAsync(stream, context, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw Stopped(e, cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    private bool TryEnter()
    {
        Interlocked.Increment(ref _readers);
        if (_lateness is null)
        {
            return true;
        }

        Leave();
        return false;
    }

    // As a rule on the timer's thread: listeners of metrics and handlers that are disposed of run here, and nobody is above to hear what they throw.
    private void Expire()
    {
        try
        {
            Finish(ResponseFlags.UpstreamRequestTimeout);
        }
#pragma warning disable CA1031 // See above.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        // A reader that is under way is about to be stopped, and does it then.
        if (_lateness is not null && Interlocked.CompareExchange(ref _readers, 0, 0) == 0)
        {
            LetGo();
        }
    }

    private void LetGo()
    {
        try
        {
            Inner.Dispose();
        }
#pragma warning disable CA1031 // That the time is over is all that matters to a reader.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private string Describe() => _timers.Describe("The response did not end");

    private RouteTimeoutException TooLate(string lateness)
    {
        RecordTimeout();
        return new RouteTimeoutException(lateness);
    }

    // What the call's record says was written when the headers came.
    private void RecordTimeout()
    {
        if (Response.RequestMessage is { } request && request.Options.TryGetValue(MeshCallInfo.Key, out var call))
        {
            request.Options.Set(MeshCallInfo.Key, call with { Flags = FlagsOf(ResponseFlags.UpstreamRequestTimeout) });
        }
    }
}
