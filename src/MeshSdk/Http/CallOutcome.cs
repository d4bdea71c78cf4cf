using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// What is owed when a request that was sent comes to its end: the endpoint's lease goes back, and the outcome is counted. Pays once, whoever comes
/// first: the end of the body, its disposal, an error, or the garbage collector.
/// </summary>
internal struct CallOutcome(EndpointState endpoint, MeshTelemetry telemetry, int status, bool isGrpc)
{
    private EndpointState? _endpoint = endpoint;

    /// <returns>False where somebody else has already paid.</returns>
    public bool Pay(string flags, HttpResponseMessage response)
    {
        if (Interlocked.Exchange(ref _endpoint, null) is not { } endpoint)
        {
            return false;
        }

        try
        {
            if (telemetry.CountsRequests)
            {
                // A call that ended without its trailers is still a gRPC call.
                telemetry.Count(
                    endpoint.Cluster, endpoint.Model.Workload, status, isGrpc ? GrpcCall.StatusOf(response) ?? GrpcCall.UnknownStatus : null, flags);
            }
        }
        finally
        {
            endpoint.Release();
        }

        return true;
    }
}
