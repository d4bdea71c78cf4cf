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
    private volatile bool _isStarted;

    public TeeContent(HttpContent inner)
    {
        _inner = inner;
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
        }
    }

    /// <summary>Whether all of it has been sent and kept.</summary>
    public bool IsComplete => _complete is not null;

    /// <summary>The body when it has been sent; null where it never was, or was too large to be kept.</summary>
    public Task<byte[]?> Body => _body.Task;

    /// <summary>Nothing will be sent any more that has not begun.</summary>
    public void Abandon()
    {
        if (!_isStarted)
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

        var kept = Start();
        try
        {
            await _inner.CopyToAsync(new TeeStream(stream, kept), context, cancellationToken).ConfigureAwait(false);
            End(kept);
        }
        finally
        {
            _body.TrySetResult(null);
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

        var kept = Start();
        try
        {
            _inner.CopyTo(new TeeStream(stream, kept), context, cancellationToken);
            End(kept);
        }
        finally
        {
            _body.TrySetResult(null);
        }
    }

    // What is known of it stands in the headers.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private KeptBytes Start()
    {
        _isStarted = true;
        return new KeptBytes();
    }

    private void End(KeptBytes kept)
    {
        if (kept.IsKept)
        {
            _complete = kept.Bytes.ToArray();
            _body.TrySetResult(_complete);
        }
    }
}
