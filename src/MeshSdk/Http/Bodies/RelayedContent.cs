using System.Net;
using MeshSdk.Http.Attempts;
using MeshSdk.Http.Rpc;

namespace MeshSdk.Http.Bodies;

/// <summary>
/// The body of a gRPC call that may be sent more than once. The caller's content writes once, as it would to a connection, for a stream is written by the
/// application as it goes and cannot be asked for again. What it writes is kept and written to the connection of each attempt in turn, from the beginning. When
/// the call is committed, by its answer or since there is too much to keep, what was kept is let go and the caller writes to the connection itself.
/// </summary>
/// <remarks>
/// While bytes are kept a write is over when they are, so that nobody waits for an attempt that has failed. Each attempt has a loop of its own that copies; one
/// that hangs in a dead connection holds up nobody.
/// </remarks>
internal sealed partial class RelayedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly KeptTotal _total;
    private readonly CancellationToken _caller;
    private readonly Lock _gate = new();
    private byte[]? _bytes;
    private int _length;
    private int _flushes;
    private Task? _writing;
    private CancellationToken _stop;

    // The caller's content has no more to write.
    private bool _isEnded;

    // No more is kept, since it would be too much.
    private bool _isFull;

    // No attempt will follow.
    private bool _isCommitted;
    private bool _isLetGo;
    private int _attempt;
    private AttemptState _state;
    private TaskCompletionSource? _news;
    private TaskCompletionSource<Stream>? _handOver;

    // The connection that the caller writes to by itself.
    private volatile Stream? _live;

    /// <param name="inner">The caller's content.</param>
    /// <param name="total">What all calls keep.</param>
    /// <param name="caller">Ends the writing of the caller's content.</param>
    public RelayedContent(HttpContent inner, KeptTotal total, CancellationToken caller)
    {
        (_inner, _total, _caller) = (inner, total, caller);
        ContentHeaders.Copy(inner, this);
    }

    /// <summary>Whose body it is. Contents of calls with one message write it anew for whoever asks, also where it was too large to be kept.</summary>
    public (RpcMethods Methods, HttpRequestMessage Request)? Call { get; init; }

    /// <summary>Whether all that the caller has written is still there. It may write what is too much in the next moment: see <see cref="TryDetach"/>.</summary>
    public bool CanBeSentAgain
    {
        get
        {
            lock (_gate)
            {
                return IsWhole;
            }
        }
    }

    /// <summary>Whether the caller's content has been asked for its bytes.</summary>
    public bool IsStarted => _writing is not null;

    private bool IsWhole => !_isFull && !_isCommitted && _writing is not { IsFaulted: true } and not { IsCanceled: true };

    /// <inheritdoc cref="TeeContent.Sending"/>
    public Task<Exception?>? Sending =>
        _writing is { } writing && _inner.GetType().Assembly == typeof(HttpContent).Assembly ? ErrorOfAsync(writing) : null;

    /// <summary>An attempt begins.</summary>
    /// <param name="stop">Ends it.</param>
    public void Begin(CancellationToken stop) => _stop = stop;

    /// <summary>The attempt is over, and another one may follow: what is kept goes to that one alone.</summary>
    public void Detach()
    {
        TaskCompletionSource? news;
        lock (_gate)
        {
            _attempt++;
            _state = AttemptState.Awaited;
            news = TakeNews();
        }

        news?.TrySetResult();
    }

    /// <summary>The attempt is over, and another one is to follow, which then gets all that there is, whatever the caller writes meanwhile.</summary>
    /// <returns>False where not all is there: nothing has changed.</returns>
    public bool TryDetach()
    {
        TaskCompletionSource? news;
        lock (_gate)
        {
            if (!IsWhole)
            {
                return false;
            }

            _attempt++;
            _state = AttemptState.Awaited;
            news = TakeNews();
        }

        news?.TrySetResult();
        return true;
    }

    /// <summary>No attempt follows: what is kept is needed no longer than until the last one has it.</summary>
    public void Commit()
    {
        TaskCompletionSource? news;
        lock (_gate)
        {
            _isCommitted = true;
            news = TakeNews();
            if (_state != AttemptState.Running)
            {
                LetGo();
            }
        }

        news?.TrySetResult();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!TryAttach(out var attempt))
        {
            // A server has refused it, or the connection went before it was sent: only then is it asked for once more, by the HTTP stack as a rule.
            await (_writing = WriteAnewAsync(stream, context, cancellationToken)).ConfigureAwait(false);
            return;
        }

        try
        {
            _writing ??= WriteAsync(context);
            await RelayAsync(attempt, stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Leave(attempt);
            if (_writing is { IsCompletedSuccessfully: false } writing)
            {
                // Nobody waits for it here any more.
                _ = ErrorOfAsync(writing);
            }

            if (e is OperationCanceledException && !_stop.IsCancellationRequested)
            {
                // The stream was reset. The HTTP stack knows why, and would say what it is told here where that comes first.
                await VerdictAsync(attempt).ConfigureAwait(false);
            }

            throw;
        }

        Leave(attempt);

        // Where the caller writes by itself by now, until it has done so; and what its content threw.
        await _writing.ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    // Only where the caller disposes of the message: else its own content is back in its place before.
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Commit();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private Task WriteAnewAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        !_isCommitted && Call is { } call && UnsentCalls.HasOneMessage(call.Methods.KindOf(call.Request))
            ? _inner.CopyToAsync(stream, context, cancellationToken)
            : throw new IOException("The body of the call is not kept any more, and cannot be sent again.");

    /// <returns>False where nothing is kept any more.</returns>
    private bool TryAttach(out int attempt)
    {
        TaskCompletionSource? news;
        lock (_gate)
        {
            attempt = _attempt;
            if (_isLetGo)
            {
                return false;
            }

            // The HTTP stack may send a request again by itself.
            attempt = ++_attempt;
            _state = AttemptState.Running;
            news = TakeNews();
        }

        news?.TrySetResult();
        return true;
    }

    private async Task WriteAsync(TransportContext? context)
    {
        try
        {
            await _inner.CopyToAsync(new CallerStream(this), context, _caller).ConfigureAwait(false);
        }
        finally
        {
            TaskCompletionSource? news;
            lock (_gate)
            {
                _isEnded = true;
                news = TakeNews();
            }

            // Here and now, so that the end of the stream is on its way when the caller has completed it: the caller may let go of the call at once.
            news?.TrySetResult();
        }
    }

    // Writes what there is to one connection, until there is no more or the caller does it by itself.
    private async ValueTask RelayAsync(int attempt, Stream connection, CancellationToken cancellationToken)
    {
        var (sent, flushed) = (0, 0);
        while (true)
        {
            ReadOnlyMemory<byte> bytes;
            int flushes;
            Task? news;
            lock (_gate)
            {
                if (_attempt != attempt)
                {
                    throw new OperationCanceledException("The attempt is over.");
                }

                (bytes, flushes, news) = (_bytes.AsMemory(sent, _length - sent), _flushes, null);
                if (bytes.IsEmpty && flushes == flushed)
                {
                    if (_isEnded)
                    {
                        return;
                    }

                    if (_isFull || _isCommitted)
                    {
                        HandOver(connection);
                        return;
                    }

                    news = (_news ??= new TaskCompletionSource()).Task;
                }
            }

            if (news is not null)
            {
                await news.ConfigureAwait(false);
                continue;
            }

            if (!bytes.IsEmpty)
            {
                await connection.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                sent += bytes.Length;
            }

            if (flushes != flushed)
            {
                await connection.FlushAsync(cancellationToken).ConfigureAwait(false);
                flushed = flushes;
            }
        }
    }

    private async Task VerdictAsync(int attempt)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_attempt != attempt || _isCommitted)
                {
                    return;
                }

                news = (_news ??= new TaskCompletionSource()).Task;
            }

            await news.ConfigureAwait(false);
        }
    }

    // Whoever waits to write goes on when the lock is free.
    private void HandOver(Stream connection)
    {
        _live = connection;
        _handOver?.TrySetResult(connection);
        LetGo();
    }

    private void Leave(int attempt)
    {
        lock (_gate)
        {
            if (_attempt == attempt && !_isLetGo)
            {
                _state = AttemptState.Over;
                if (_isCommitted || _isFull)
                {
                    LetGo();
                }
            }
        }
    }

    private void LetGo()
    {
        if (!_isLetGo)
        {
            _isLetGo = true;
            _total.Remove(_length);
            (_bytes, _length) = (null, 0);
            if (_live is null)
            {
                _handOver?.TrySetException(IsOver());
            }
        }
    }

    private TaskCompletionSource? TakeNews()
    {
        var news = _news;
        _news = null;
        return news;
    }

    private static async Task<Exception?> ErrorOfAsync(Task task)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsFaulted ? task.Exception.InnerException : task.IsCanceled ? new OperationCanceledException() : null;
    }

    private enum AttemptState
    {
        /// <summary>There is none, and one may come.</summary>
        Awaited,
        Running,

        /// <summary>It takes no more, and it is not known yet whether another one comes.</summary>
        Over,
    }
}
