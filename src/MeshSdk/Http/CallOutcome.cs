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

    public bool IsPaid => Volatile.Read(ref _endpoint) is null;

    /// <returns>False where somebody else has already paid.</returns>
    public bool Pay(string flags, HttpResponseMessage? response)
    {
        if (Interlocked.Exchange(ref _endpoint, null) is not { } endpoint)
        {
            return false;
        }

        endpoint.Release();
        if (telemetry.CountsRequests)
        {
            telemetry.Count(endpoint.Cluster, status, isGrpc ? GrpcStatusOf(response) : null, flags);
        }

        return true;
    }

    // A call that ended without its trailers, or that nobody waited for, is still a gRPC call.
    private static int GrpcStatusOf(HttpResponseMessage? response) =>
        (response is null ? null : GrpcCall.StatusOf(response)) ?? GrpcCall.UnknownStatus;
}
