namespace MeshSdk;

/// <summary>
/// What a gRPC client of the mesh does beyond what routes and policies say. <c>UseGrpc()</c> sets it for all clients of the factory,
/// <c>AddMeshRouting().ConfigureMeshGrpc()</c> for one of them, and <c>CreateCallInvoker()</c> takes its own.
/// </summary>
public sealed class MeshGrpcOptions
{
    /// <summary>
    /// The deadline of unary calls that state none, or a later one. Positive, at most 1000 days. Default null: none. The timeout of the route that a call takes holds as well, whichever
    /// is less.
    /// </summary>
    public TimeSpan? Deadline { get; set; }

    /// <summary>
    /// The deadline of streaming calls that state none, or a later one. Positive, at most 1000 days. Default null: none, for a stream may be as long as it likes; timeouts of routes do not
    /// bind streams.
    /// </summary>
    public TimeSpan? StreamDeadline { get; set; }

    /// <summary>Whether calls wait for an endpoint where there is none, as with <c>CallOptions.WithWaitForReady()</c>. Default false.</summary>
    public bool WaitForReady { get; set; }
}
