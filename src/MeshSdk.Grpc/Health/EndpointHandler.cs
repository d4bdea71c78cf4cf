using MeshSdk.Transport;

namespace MeshSdk.Grpc.Health;

/// <summary>Sends to one endpoint over the connections that calls use, and belongs to no request: neither a lease nor a route, a limit or a count is touched.</summary>
internal sealed class EndpointHandler(EndpointState endpoint) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        endpoint.Connections(HttpProtocol.Http2, TransportProfile.Default).SendAsync(request, cancellationToken);
}
