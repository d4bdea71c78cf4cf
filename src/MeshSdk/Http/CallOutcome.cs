using MeshSdk.Routing;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>
/// What is owed when a request that was answered comes to its end: the endpoint's lease goes back, the outcome is counted, and the endpoint is charged
/// with it. Pays once, whoever comes first: the end of the body, its disposal, an error, or the garbage collector.
/// </summary>
/// <remarks>
/// An endpoint is charged with an error at the headers, as Envoy does, so that one that fails is ejected however slowly it sends its error pages. All
/// else it is charged with at the end, where Envoy would have praised it already: one that breaks off each of its responses, or sends an error in the
/// trailers of each, does nothing well in between.
/// </remarks>
internal struct CallOutcome
{
    private readonly MeshTelemetry? _telemetry;
    private readonly int _status;
    private readonly bool _isGrpc;
    private readonly bool _isCharged;
    private EndpointLease? _lease;

    /// <summary>The headers of a response are there.</summary>
    /// <param name="lease">On the endpoint that sent them.</param>
    /// <param name="telemetry">Null for a request that is none of the application's.</param>
    /// <param name="request">What they answer.</param>
    /// <param name="response">Whose they are.</param>
    public CallOutcome(EndpointLease lease, MeshTelemetry? telemetry, HttpRequestMessage request, HttpResponseMessage response)
    {
        var sink = lease.Endpoint.Outcomes;
        _lease = lease;
        _telemetry = telemetry;
        _status = (int)response.StatusCode;

        // Only then trailers say more than the status.
        _isGrpc = (sink is not null || telemetry is { CountsRequests: true } || response.Version.Major > 1) && GrpcCall.Is(request);
        _isCharged = sink is not null && IsDecided(sink, request, response);

        // In the headers, and not in trailers: so HTTP/1.1 has it, and a reply of gRPC's that consists of nothing else.
        lease.Endpoint.Loads?.Hear(response.Headers);
    }

    /// <summary>Whether it is a gRPC call that was answered as such.</summary>
    public readonly bool IsGrpc => _isGrpc && _status == 200;

    /// <summary>Whether it is a gRPC call whose status has not come, and is not paid for: whoever lets go of it now cancels it.</summary>
    public readonly bool IsUnfinishedCall(HttpResponseMessage response) => _lease is not null && IsGrpc && GrpcCall.StatusOf(response) is null;

    /// <param name="flags">What telemetry is to say.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="response">Whose trailers may be there by now.</param>
    /// <returns>False where somebody else has already paid.</returns>
    public bool Pay(string flags, ResponseEnd end, HttpResponseMessage response)
    {
        if (Interlocked.Exchange(ref _lease, null) is not { } lease)
        {
            return false;
        }

        try
        {
            lease.Endpoint.Loads?.Hear(response.TrailingHeaders);
            var grpcStatus = _isGrpc ? GrpcCall.StatusOf(response) : null;
            if (!_isCharged && lease.Endpoint.Outcomes is { } sink)
            {
                sink.Record(OutcomeOf(end, grpcStatus));
            }

            if (_telemetry is { CountsRequests: true })
            {
                // A call that ended without its trailers is still a gRPC call.
                var endpoint = lease.Endpoint;
                var missing = end == ResponseEnd.Cancelled && IsGrpc ? GrpcCall.Cancelled : GrpcCall.UnknownStatus;
                _telemetry.Count(endpoint.Cluster, endpoint.Model.Workload, _status, _isGrpc ? grpcStatus ?? missing : null, flags);
            }
        }
        finally
        {
            lease.Release();
        }

        return true;
    }

    // What is known at the headers: an error, a reply of gRPC's that consists of nothing else, a connection that is no longer HTTP's.
    private readonly bool IsDecided(IOutcomeSink sink, HttpRequestMessage request, HttpResponseMessage response)
    {
        var status = _status;
        if (_isGrpc && status == 200 && GrpcCall.StatusOf(response) is { } grpcStatus)
        {
            status = GrpcCall.HttpStatusFor(grpcStatus);
        }
        else if (!sink.IsError(status) && !Tunnel.Begins(request, response))
        {
            return false;
        }

        sink.Record(new AttemptOutcome(AttemptOutcomeKind.Answered, status));
        return true;
    }

    private readonly AttemptOutcome OutcomeOf(ResponseEnd end, int? grpcStatus)
    {
        var isTrailed = _isGrpc && _status == 200;
        return end switch
        {
            ResponseEnd.Lost => new(AttemptOutcomeKind.Reset, _status),
            ResponseEnd.Late => new(AttemptOutcomeKind.TimedOut, _status),
            ResponseEnd.Cancelled => new(AttemptOutcomeKind.Abandoned, _status),

            // A call that ended without its trailers has no status that is any good.
            _ => new(AttemptOutcomeKind.Answered, isTrailed ? GrpcCall.HttpStatusFor(grpcStatus ?? GrpcCall.UnknownStatus) : _status),
        };
    }
}
