namespace MeshSdk.Transport;

/// <summary>
/// The lease of a request that is counted for its cluster too. What it gives back is the same for all requests to an endpoint, so that each endpoint has
/// one such object; and it gives back to where it was taken from, whatever has become of the limit.
/// </summary>
internal sealed class CountedLease(EndpointState endpoint, RequestBreaker requests) : EndpointLease
{
    public override EndpointState Endpoint => endpoint;

    public override HttpMessageInvoker Connections(HttpProtocol protocol, TransportProfile profile, bool isForeign = false) =>
        endpoint.Connections(protocol, profile, isForeign);

    public override void Release()
    {
        requests.Exit();
        endpoint.Release();
    }
}
