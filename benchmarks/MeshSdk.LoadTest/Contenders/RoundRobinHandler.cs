using System.Net;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>
/// What one would write by hand: an array of clients and an index, over the very handlers that the mesh makes for its endpoints. No routes, no
/// updates, no counts: the floor for anything that balances in the client.
/// </summary>
internal sealed class RoundRobinHandler(IEnumerable<IPEndPoint> endpoints, HttpProtocol protocol, Action<IPEndPoint, SocketsHttpHandler>? configure = null)
    : HttpMessageHandler
{
    private readonly HttpMessageInvoker[] _invokers = [.. endpoints.Select(endpoint => Create(endpoint, protocol, configure))];

    private int _next;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (protocol == HttpProtocol.Http2)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        return _invokers[(uint)Interlocked.Increment(ref _next) % (uint)_invokers.Length].SendAsync(request, cancellationToken);
    }

    private static HttpMessageInvoker Create(IPEndPoint endpoint, HttpProtocol protocol, Action<IPEndPoint, SocketsHttpHandler>? configure)
    {
        var handler = PinnedHandler.Create(endpoint, protocol, TransportProfile.Default, static () => ClusterModel.DefaultConnectTimeout, new TransportSettings());
        configure?.Invoke(endpoint, handler);
        return new HttpMessageInvoker(handler);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var invoker in _invokers)
        {
            invoker.Dispose();
        }

        base.Dispose(disposing);
    }
}
