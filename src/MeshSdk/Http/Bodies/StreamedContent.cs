using System.Net;

namespace MeshSdk.Http.Bodies;

/// <summary>
/// The body of a gRPC call whose client sends a stream, where nothing is kept of it. The HTTP stack sends a request again by itself where a server has refused
/// it, and asks the content for its bytes once more; one that the application writes to has none any more, and would send an empty stream without a word.
/// This one says so.
/// </summary>
internal sealed class StreamedContent : HttpContent
{
    private readonly HttpContent _inner;
    private bool _isStarted;

    public StreamedContent(HttpContent inner)
    {
        _inner = inner;
        ContentHeaders.Copy(inner, this);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_isStarted)
        {
            throw new HttpIOException(HttpRequestError.Unknown, "The server refused the call, and the stream that was being sent to it cannot be sent again");
        }

        _isStarted = true;
        return _inner.CopyToAsync(stream, context, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
