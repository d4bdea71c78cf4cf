using System.Net;
using MeshSdk.Telemetry;

namespace MeshSdk.Http.Timeouts;

/// <summary>
/// The response body of a request with timeouts, which owns their timers until it ends. What comes too late ends with a <see cref="RouteTimeoutException"/>,
/// and counts as that even where nobody reads.
/// </summary>
internal sealed class TimedContent : OutcomeContent
{
    private readonly TryTimers _timers;
    private readonly string _flags;
    private readonly CancellationTokenRegistration _expiry;
    private volatile bool _isOver;

    /// <param name="response">Whose body it is.</param>
    /// <param name="outcome">What is owed at its end.</param>
    /// <param name="timers">Returned at its end.</param>
    /// <param name="flags">What telemetry is to say where nothing else goes wrong.</param>
    public TimedContent(HttpResponseMessage response, CallOutcome outcome, TryTimers timers, string flags)
        : base(response, outcome)
    {
        _timers = timers;
        _flags = flags;
        timers.Unlink();
        _expiry = timers.Token.UnsafeRegister(static content => ((TimedContent)content!).Finish(ResponseFlags.UpstreamRequestTimeout), this);
    }

    /// <summary>Cancelled when the time is over. It is not for reading on after the end: the timers then belong to another request.</summary>
    public CancellationToken Limit => _isOver && !_timers.IsExpired ? CancellationToken.None : _timers.Token;

    /// <summary>What a reader that was stopped gets to see: its own cancellation, or that the time is over.</summary>
    public Exception Stopped(OperationCanceledException error, CancellationToken reader)
    {
        if (reader.IsCancellationRequested)
        {
            return error.CancellationToken == reader ? error : new TaskCanceledException(error.Message, error, reader);
        }

        if (!Limit.IsCancellationRequested)
        {
            return error;
        }

        RecordTimeout();
        return new RouteTimeoutException(_timers.Describe("The response did not end"));
    }

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

    protected override string FlagsOf(string flags) =>
        flags == ResponseFlags.None ? _flags : _flags == ResponseFlags.None ? flags : $"{flags},{_flags}";

    protected override void Finished()
    {
        _isOver = true;
        _expiry.Dispose();
        _timers.Return();
    }

    private async Task CopyInTimeAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var either = ReadLimit.Of(cancellationToken, Limit);
        try
        {
            await base.CopyInnerAsync(stream, context, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw Stopped(e, cancellationToken);
        }
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
