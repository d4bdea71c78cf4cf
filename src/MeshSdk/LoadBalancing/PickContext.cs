using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>What an endpoint is picked for.</summary>
/// <param name="request">The request, at which policies that hash look.</param>
/// <param name="tried">The endpoints that this request was sent to already; null for the first try.</param>
internal readonly struct PickContext(HttpRequestMessage request, IReadOnlyList<EndpointState>? tried = null)
{
    public HttpRequestMessage Request { get; } = request;

    public IReadOnlyList<EndpointState>? Tried { get; } = tried;
}
