using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using MeshSdk.Model;

namespace MeshSdk.Telemetry;

/// <summary>
/// The instruments of one mesh, under the names and labels that Istio's dashboards, Kiali and Flagger read. Only <c>reporter="source"</c> is
/// emitted here: the server's side counts for itself.
/// </summary>
internal sealed class MeshTelemetry : IDisposable
{
    public const string SourceName = "MeshSdk";

    /// <summary>What calls are counted for that lead to no service: the name that Istio gives to nowhere.</summary>
    public static readonly ClusterId BlackHole = new("", "BlackHoleCluster", 0);

    private const string Unknown = "unknown";

    // A client of a hundred services has some hundreds.
    private const int MaxSeries = 8192;

    private readonly ConcurrentDictionary<Series, KeyValuePair<string, object?>[]> _tags = new();
    private readonly Meter? _ownMeter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _mirrored;
    private readonly Counter<long> _ejections;
    private readonly CallerContext _caller;

    public MeshTelemetry(CallerContext caller, IMeterFactory? meters)
    {
        _caller = caller;
        var meter = meters?.Create(SourceName) ?? (_ownMeter = new Meter(SourceName));
        _requests = CreateRequestCounter(meter);
        _mirrored = meter.CreateCounter<long>("mesh.mirror.requests", "{request}", "Copies of requests that routes mirror.");
        _ejections = meter.CreateCounter<long>(
            "mesh.outlier_detection.ejections", "{ejection}", "Endpoints that did so badly that they were to be left out for a while.");
    }

    /// <summary>The counter of requests, which is one for both ends of a call: of its labels <c>reporter</c> tells them apart.</summary>
    public static Counter<long> CreateRequestCounter(Meter meter) =>
        meter.CreateCounter<long>("istio_requests_total", "{request}", "Requests sent through the mesh, counted when their outcome is known.");

    public static ActivitySource Activities { get; } = new(SourceName);

    public bool CountsRequests => _requests.Enabled;

    /// <summary>Counts one request.</summary>
    /// <param name="destination">The backend that was chosen; the service that was called where none was.</param>
    /// <param name="workload">What the endpoint that was chosen is a replica of; null where none was, or where that is not known.</param>
    /// <param name="status">The HTTP status, 0 where there was none.</param>
    /// <param name="grpcStatus">Null where the call was not gRPC.</param>
    /// <param name="flags">See <see cref="ResponseFlags"/>.</param>
    public void Count(ClusterId destination, string? workload, int status, int? grpcStatus, string flags)
    {
        if (_requests.Enabled)
        {
            // The label sets are few and are kept: building one for each request would cost more than the request's own bookkeeping.
            var series = new Series(destination, workload, Bucketed(status), grpcStatus, flags);
            _requests.Add(1, _tags.TryGetValue(series, out var tags) ? tags : Keep(series));
        }
    }

    /// <summary>Counts a copy of a request, which is no request of the application's and stands in no other count.</summary>
    /// <param name="destination">Where it was to go.</param>
    /// <param name="outcome"><c>sent</c>; <c>dropped</c> before it was; <c>failed</c>: no answer came.</param>
    public void CountMirror(ClusterId destination, string outcome)
    {
        if (_mirrored.Enabled)
        {
            _mirrored.Add(
                1,
                new("destination_service_name", destination.Service),
                new("destination_service_namespace", destination.Namespace),
                new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    /// <summary>Counts an endpoint that was to be ejected.</summary>
    /// <param name="destination">Of which cluster.</param>
    /// <param name="reason">Which detector found it.</param>
    /// <param name="outcome"><c>enforced</c>; <c>overflow</c>: as many as may be are ejected already; <c>unenforced</c>: the policy lets some go.</param>
    public void CountEjection(ClusterId destination, string reason, string outcome)
    {
        if (_ejections.Enabled)
        {
            _ejections.Add(
                1,
                new("destination_service_name", destination.Service),
                new("destination_service_namespace", destination.Namespace),
                new("reason", reason),
                new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    // Services come and go, and peers choose their statuses. To begin anew now and then costs less than to know which sets are still in use.
    private KeyValuePair<string, object?>[] Keep(Series series)
    {
        if (_tags.Count >= MaxSeries)
        {
            _tags.Clear();
        }

        return _tags.GetOrAdd(series, static (s, self) => self.TagsOf(s), this);
    }

    // A status that HTTP does not have, which a peer can send all the same, stands for its hundred.
    private static int Bucketed(int status) => status is >= 100 and <= 599 ? status : status / 100 * 100;

    private KeyValuePair<string, object?>[] TagsOf(Series series)
    {
        var (destination, workload, status, grpcStatus, flags) = series;
        var (destinationNamespace, host) = destination.Namespace.Length == 0
            ? (Unknown, Unknown)
            : (destination.Namespace, $"{destination.Service}.{destination.Namespace}.svc.{_caller.ClusterDomain}");
        return
        [
            new("reporter", "source"),
            new("source_workload", Unknown),
            new("source_workload_namespace", _caller.Namespace),
            new("source_principal", Unknown),
            new("destination_workload", workload ?? Unknown),
            new("destination_workload_namespace", destinationNamespace),
            new("destination_principal", Unknown),
            new("destination_service", host),
            new("destination_service_name", destination.Service),
            new("destination_service_namespace", destinationNamespace),
            new("request_protocol", grpcStatus is null ? "http" : "grpc"),
            new("response_code", status.ToString(CultureInfo.InvariantCulture)),
            new("grpc_response_status", grpcStatus?.ToString(CultureInfo.InvariantCulture) ?? ""),
            new("response_flags", flags),
            new("connection_security_policy", Unknown),
        ];
    }

    public void Dispose() => _ownMeter?.Dispose();

    private readonly record struct Series(ClusterId Destination, string? Workload, int Status, int? GrpcStatus, string Flags);
}
