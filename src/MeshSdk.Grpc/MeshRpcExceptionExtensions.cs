using Grpc.Core;
using MeshSdk.Http.Rpc;

namespace MeshSdk;

/// <summary>Asks a call that has failed what the mesh did for it.</summary>
public static class MeshRpcExceptionExtensions
{
    /// <summary>
    /// The route, the rule, the backend and the endpoint of the call, how often it was sent, and Envoy's response flags. The mesh says so in the entry
    /// <c>mesh-call</c> of <see cref="RpcException.Trailers"/>, in place of whatever a server has sent under that name: <c>route=…;rule=…;backend=…;endpoint=…;attempts=…;flags=…</c>,
    /// without what is not known. Of a call that a channel has retried it is the last attempt. A server that lets an <see cref="RpcException"/> go up hands the
    /// entry on to its callers, with all that the exception holds; a mesh that they are in puts its own in the place of it.
    /// </summary>
    /// <remarks>
    /// It is for logs and for people. Of a call to a host that is none of the mesh, which passes through, the entry is the server's own word, if there is one: do
    /// not decide by it whom to trust.
    /// </remarks>
    /// <param name="error">What the call failed with.</param>
    /// <returns>Null where the mesh did not see how the call ended: the caller cancelled it, or its deadline was over, or it passed through and its server has made no such entry up.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="error"/> is null.</exception>
    public static MeshCallInfo? GetMeshCall(this RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.Trailers.GetValue(MeshCallEntry.Name) is { } entry ? MeshCallEntry.Parse(entry) : null;
    }
}
