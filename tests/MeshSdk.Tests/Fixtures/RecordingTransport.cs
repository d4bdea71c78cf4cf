using System.Collections.Concurrent;
using System.Net;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A network that answers at once and notes which handlers were made, used and disposed of.</summary>
internal sealed class RecordingTransport : IMeshTransportFactory
{
    public ConcurrentQueue<RecordingHandler> Handlers { get; } = new();

    /// <summary>What making a handler throws, if anything.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Runs while a handler is made.</summary>
    public Action? BeforeCreate { get; set; }

    public HttpMessageHandler Create(MeshTransportContext context)
    {
        BeforeCreate?.Invoke();
        if (Failure is not null)
        {
            throw Failure;
        }

        var handler = new RecordingHandler(context);
        Handlers.Enqueue(handler);
        return handler;
    }
}

internal sealed class RecordingHandler(MeshTransportContext context) : HttpMessageHandler
{
    private int _requests;
    private int _disposals;
    private int _usedAfterDisposal;

    public MeshTransportContext Context { get; } = context;

    public int Requests => Volatile.Read(ref _requests);

    public int Disposals => Volatile.Read(ref _disposals);

    public int UsedAfterDisposal => Volatile.Read(ref _usedAfterDisposal);

    /// <summary>To be called by whoever holds a lease.</summary>
    public void Touch()
    {
        if (Disposals > 0)
        {
            Interlocked.Increment(ref _usedAfterDisposal);
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Touch();
        Interlocked.Increment(ref _requests);
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent) { RequestMessage = request });
    }

    protected override void Dispose(bool disposing)
    {
        Interlocked.Increment(ref _disposals);
        base.Dispose(disposing);
    }
}
