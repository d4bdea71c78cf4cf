using System.Net;

namespace MeshSdk.Tests.Http.Bodies;

/// <summary>A content that a test writes as it goes, as a gRPC channel does with a stream of messages.</summary>
internal sealed class WrittenContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often it was asked to write.</summary>
    public int Copies { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>What to write to, once somebody reads.</summary>
    public Task<Stream> Stream => _stream.Task;

    public void Complete() => _ended.TrySetResult();

    public void Fail(Exception error) => _ended.TrySetException(error);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Copies++;
        _stream.TrySetResult(stream);
        await _ended.Task.WaitAsync(cancellationToken);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }
}
