using MeshSdk;

namespace Microsoft.AspNetCore.Http;

/// <summary>Tells of a request who calls.</summary>
public static class MeshHttpContextExtensions
{
    /// <summary>
    /// Who calls, proved by mutual TLS. Null in plaintext, and where a sidecar or a proxy of the node stands before the process: it is that which
    /// then knows. In a gRPC service it is <c>context.GetHttpContext().GetMeshPeer()</c>.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    public static MeshPeer? GetMeshPeer(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<IMeshPeerFeature>()?.Peer;
    }
}
