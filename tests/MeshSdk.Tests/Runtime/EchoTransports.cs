using System.Collections.Concurrent;

namespace MeshSdk.Tests.Runtime;

/// <summary>A network in which every endpoint answers with its own address.</summary>
internal sealed class EchoTransports : IMeshTransportFactory
{
    public ConcurrentQueue<MeshTransportContext> Created { get; } = new();

    public ConcurrentQueue<MeshTransportContext> Disposed { get; } = new();

    /// <summary>Runs before each answer.</summary>
    public Func<HttpRequestMessage, CancellationToken, Task>? BeforeAnswer { get; set; }

    public HttpMessageHandler Create(MeshTransportContext context)
    {
        Created.Enqueue(context);
        return new Handler(this, context);
    }

    private sealed class Handler(EchoTransports owner, MeshTransportContext context) : HttpMessageHandler
    {
        private volatile bool _disposed;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (owner.BeforeAnswer is { } wait)
            {
                await wait(request, cancellationToken);
            }

            return Answer(request);
        }

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return Answer(request);
        }

        private HttpResponseMessage Answer(HttpRequestMessage request) =>
            new() { Content = new StringContent(context.EndPoint.ToString()), RequestMessage = request };

        protected override void Dispose(bool disposing)
        {
            _disposed = true;
            owner.Disposed.Enqueue(context);
            base.Dispose(disposing);
        }
    }
}
