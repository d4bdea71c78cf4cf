using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>What an endpoint is picked for.</summary>
/// <param name="request">The request, at which policies that hash look.</param>
/// <param name="tried">The endpoints that this request was sent to already; null for the first try.</param>
/// <param name="cookie">What its response will tell the client to send along from now on; null for nothing.</param>
internal readonly struct PickContext(HttpRequestMessage request, IReadOnlyList<EndpointState>? tried = null, HashCookie? cookie = null)
{
    public HttpRequestMessage Request { get; } = request;

    public IReadOnlyList<EndpointState>? Tried { get; } = tried;

    public HashCookie? Cookie { get; } = cookie;
}
