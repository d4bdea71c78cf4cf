using System.Net;

namespace MeshSdk.Http.Bodies;

/// <summary>
/// A request body of which nobody knows the length, or whether it can be read twice. It goes out as it comes, and is kept meanwhile while it is small: once
/// all of it has been, it can be sent again from here.
/// </summary>
internal sealed class TeeContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly TaskCompletionSource<byte[]?> _body = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile byte[]? _complete;
    private volatile TaskCompletionSource<Exception?>? _sending;

    public TeeContent(HttpContent inner)
    {
        _inner = inner;
        ContentHeaders.Copy(inner, this);
    }

    /// <summary>Whether all of it has been sent and kept.</summary>
    public bool IsComplete => _complete is not null;

    /// <summary>Whether the caller's content has been asked for its bytes.</summary>
    public bool IsStarted => _sending is not null;

    /// <summary>The body when it has been sent; null where it never was, or was too large to be kept, which is known before the end.</summary>
    public Task<byte[]?> Body => _body.Task;

    /// <summary>
    /// Ends when the caller's content is no longer read, with what it threw; null where nobody has to wait for that. The HTTP stack takes every content
    /// that is not its own for one that goes on while the response is read; its own do not, and whoever sends one may close its stream after that.
    /// </summary>
    public Task<Exception?>? Sending => _inner.GetType().Assembly == typeof(HttpContent).Assembly ? _sending?.Task : null;

    /// <summary>Nothing will be sent any more that has not begun.</summary>
    public void Abandon()
    {
        if (!IsStarted)
        {
            _body.TrySetResult(null);
        }
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_complete is { } complete)
        {
            await stream.WriteAsync(complete, cancellationToken).ConfigureAwait(false);
            return;
        }

        var (sending, kept) = Start();
        Exception? error = null;
        try
        {
            await _inner.CopyToAsync(new TeeStream(stream, kept), context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            End(sending, kept, error);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_complete is { } complete)
        {
            stream.Write(complete);
            return;
        }

        var (sending, kept) = Start();
        Exception? error = null;
        try
        {
            _inner.CopyTo(new TeeStream(stream, kept), context, cancellationToken);
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            End(sending, kept, error);
        }
    }

    // What is known of it stands in the headers.
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
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private (TaskCompletionSource<Exception?> Sending, KeptBytes Kept) Start()
    {
        var sending = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _sending = sending;
        return (sending, new KeptBytes(() => _body.TrySetResult(null)));
    }

    private void End(TaskCompletionSource<Exception?> sending, KeptBytes kept, Exception? error)
    {
        if (error is null && kept.IsKept)
        {
            _complete = kept.Bytes.ToArray();
        }

        _body.TrySetResult(_complete);
        sending.SetResult(error);
    }
}
