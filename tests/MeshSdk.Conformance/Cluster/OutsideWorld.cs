using System.Net;

namespace MeshSdk.Conformance.Cluster;

/// <summary>
/// Where calls go that are none of the mesh's. The addresses of pods are this machine's and can be dialled; everything else is refused here, so that a
/// call that the mesh should have routed never leaves the machine.
/// </summary>
internal sealed class OutsideWorld : HttpMessageHandler
{
    private readonly HttpMessageInvoker _connections = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IPAddress.TryParse(request.RequestUri!.DnsSafeHost, out var address) && IPAddress.IsLoopback(address)
            ? _connections.SendAsync(request, cancellationToken)
            : throw new HttpRequestException($"the mesh has let a call to {request.RequestUri} pass");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _connections.Dispose();
        }

        base.Dispose(disposing);
    }
}
