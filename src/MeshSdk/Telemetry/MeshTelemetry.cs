using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using MeshSdk.Model;

namespace MeshSdk.Telemetry;

/// <summary>
/// The instruments of one mesh, under the names and labels that Istio's dashboards, Kiali and Flagger read. Only <c>reporter="source"</c> is
/// emitted: a proxy on the server's side counts for itself.
/// </summary>
internal sealed class MeshTelemetry : IDisposable
{
    public const string SourceName = "MeshSdk";

    private const string Unknown = "unknown";

    private readonly ConcurrentDictionary<Series, KeyValuePair<string, object?>[]> _tags = new();
    private readonly Meter? _ownMeter;
    private readonly Counter<long> _requests;
    private readonly CallerContext _caller;

    public MeshTelemetry(CallerContext caller, IMeterFactory? meters)
    {
        _caller = caller;
        var meter = meters?.Create(SourceName) ?? (_ownMeter = new Meter(SourceName));
        _requests = meter.CreateCounter<long>("istio_requests_total", "{request}", "Requests sent through the mesh, counted when their outcome is known.");
    }

    public static ActivitySource Activities { get; } = new(SourceName);

    public bool CountsRequests => _requests.Enabled;

    /// <summary>Counts one request.</summary>
    /// <param name="destination">The backend that was chosen; the service that was called where none was.</param>
    /// <param name="status">The HTTP status, 0 where there was none.</param>
    /// <param name="grpcStatus">Null where the call was not gRPC.</param>
    /// <param name="flags">See <see cref="ResponseFlags"/>.</param>
    public void Count(ClusterId destination, int status, int? grpcStatus, string flags)
    {
        if (_requests.Enabled)
        {
            // The label sets are few and are kept: building one for each request would cost more than the request's own bookkeeping.
            _requests.Add(1, _tags.GetOrAdd(new Series(destination, status, grpcStatus, flags), static (s, self) => self.TagsOf(s), this));
        }
    }

    private KeyValuePair<string, object?>[] TagsOf(Series series)
    {
        var (destination, status, grpcStatus, flags) = series;
        return
        [
            new("reporter", "source"),
            new("source_workload", Unknown),
            new("source_workload_namespace", _caller.Namespace),
            new("source_principal", Unknown),
            new("destination_workload", Unknown),
            new("destination_workload_namespace", destination.Namespace),
            new("destination_principal", Unknown),
            new("destination_service", $"{destination.Service}.{destination.Namespace}.svc.{_caller.ClusterDomain}"),
            new("destination_service_name", destination.Service),
            new("destination_service_namespace", destination.Namespace),
            new("request_protocol", grpcStatus is null ? "http" : "grpc"),
            new("response_code", status.ToString(CultureInfo.InvariantCulture)),
            new("grpc_response_status", grpcStatus?.ToString(CultureInfo.InvariantCulture) ?? ""),
            new("response_flags", flags),
            new("connection_security_policy", Unknown),
        ];
    }

    public void Dispose() => _ownMeter?.Dispose();

    private readonly record struct Series(ClusterId Destination, int Status, int? GrpcStatus, string Flags);
}
