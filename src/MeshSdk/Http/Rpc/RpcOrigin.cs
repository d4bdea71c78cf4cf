using MeshSdk.Routing;
using MeshSdk.Transport;

namespace MeshSdk.Http.Rpc;

/// <summary>Where a response came from, for whoever asks why a call has failed.</summary>
/// <param name="Backend">Null for a request that is none of the application's.</param>
/// <param name="Endpoint">Who sent it.</param>
/// <param name="Sends">How often it was asked for.</param>
internal readonly record struct RpcOrigin(BoundBackend? Backend, EndpointState? Endpoint, int Sends)
{
    public MeshCallInfo Describe(string flags) => MeshCallInfo.Of(Backend?.Rule, Backend, Endpoint, Sends, flags, Endpoint?.Peer);
}
