using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// What is owed when a request that was sent comes to its end: the endpoint's lease goes back, and the outcome is counted. Pays once, whoever comes
/// first: the end of the body, its disposal, an error, or the garbage collector. The one place where it is known how an endpoint did with a try.
/// </summary>
/// <param name="lease">On the endpoint that it was sent to.</param>
/// <param name="telemetry">Null for a try whose outcome is not the request's: another one followed, or the mesh answered in its place.</param>
/// <param name="status">0 where no response came.</param>
/// <param name="isGrpc">Whether trailers say more than the status.</param>
internal struct CallOutcome(EndpointLease lease, MeshTelemetry? telemetry, int status, bool isGrpc)
{
    private EndpointLease? _lease = lease;

    /// <returns>False where somebody else has already paid.</returns>
    public bool Pay(string flags, HttpResponseMessage? response)
    {
        if (Interlocked.Exchange(ref _lease, null) is not { } lease)
        {
            return false;
        }

        try
        {
            if (telemetry is { CountsRequests: true })
            {
                // A call that ended without its trailers is still a gRPC call.
                var endpoint = lease.Endpoint;
                telemetry.Count(
                    endpoint.Cluster, endpoint.Model.Workload, status, isGrpc ? GrpcCall.StatusOf(response!) ?? GrpcCall.UnknownStatus : null, flags);
            }
        }
        finally
        {
            lease.Release();
        }

        return true;
    }
}
