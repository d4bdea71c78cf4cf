using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Identity;
using MeshSdk.AspNetCore.Requests;
using MeshSdk.Compilation;
using MeshSdk.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MeshSdk.AspNetCore.Telemetry;

/// <summary>
/// Counts requests as the proxy of a server does, with <c>reporter="destination"</c>: it is these that Kiali and Flagger read, and nobody else
/// counts them where there is no proxy.
/// </summary>
internal sealed class InboundRequests
{
    private const string Unknown = "unknown";

    // Callers and the statuses that they are given are few.
    private const int MaxSeries = 4096;

    private readonly ConcurrentDictionary<Series, KeyValuePair<string, object?>[]> _tags = new();
    private readonly Counter<long> _requests;
    private readonly MeshServer _server;
    private readonly DestinationNames _names;
    private readonly string _workload;

    public InboundRequests(MeshServer server, IMeterFactory meters)
    {
        _server = server;
        _names = new DestinationNames(server.Caller, server.Knows, server.Time);
        _workload = server.Caller.Pod is { } pod ? PodWorkload.OfName(pod) : Unknown;
        _requests = MeshTelemetry.CreateRequestCounter(meters.Create(MeshTelemetry.SourceName));
    }

    /// <summary>Whether somebody wants to know.</summary>
    public bool AreCounted => _requests.Enabled;

    /// <summary>Counts a request that has been answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="connection">On which it came.</param>
    /// <param name="failure">
    /// What the application has thrown, so that the server answers in its place where nothing is on its way yet; null: nothing.
    /// </param>
    public void Count(HttpContext context, InboundConnection? connection, Exception? failure)
    {
        var response = context.Response;
        var isGone = context.RequestAborted.IsCancellationRequested;
        var series = new Series(
            connection?.Peer?.Id,
            _server.Id,
            _names.ServiceOf(context.Request.Host.Value),
            response.HasStarted || !(isGone || failure is not null) ? response.StatusCode
                : isGone ? 0
                : failure is BadHttpRequestException bad ? bad.StatusCode
                : StatusCodes.Status500InternalServerError,
            InboundReply.IsGrpc(context.Request) ? GrpcStatusOf(context) : null,
            isGone ? ResponseFlags.DownstreamConnectionTermination : ResponseFlags.None);
        _requests.Add(1, _tags.TryGetValue(series, out var tags) ? tags : Keep(series));
    }

    // Callers come and go. To begin anew now and then costs less than to know who is still there.
    private KeyValuePair<string, object?>[] Keep(Series series)
    {
        if (_tags.Count >= MaxSeries)
        {
            _tags.Clear();
        }

        return _tags.GetOrAdd(series, static (s, self) => self.TagsOf(s), this);
    }

    private KeyValuePair<string, object?>[] TagsOf(Series series)
    {
        var (ns, domain) = (_server.Caller.Namespace, _server.Caller.ClusterDomain);
        var isHttp = series.GrpcStatus is null;
        return
        [
            new("reporter", "destination"),
            new("source_workload", Unknown),
            new("source_workload_namespace", ServiceAccountName.Of(series.Source)?.Namespace ?? Unknown),
            new("source_principal", series.Source?.ToString() ?? Unknown),
            new("destination_workload", _workload),
            new("destination_workload_namespace", ns),
            new("destination_principal", series.Source is null ? Unknown : series.Own?.ToString() ?? Unknown),
            new("destination_service", series.Service is null ? Unknown : $"{series.Service}.{ns}.svc.{domain}"),
            new("destination_service_name", series.Service ?? Unknown),
            new("destination_service_namespace", ns),
            new("request_protocol", isHttp ? "http" : "grpc"),
            new("response_code", series.Status.ToString(CultureInfo.InvariantCulture)),
            new("grpc_response_status", isHttp ? "" : series.GrpcStatus!.Value.ToString(CultureInfo.InvariantCulture)),
            new("response_flags", series.Flags),
            new("connection_security_policy", series.Source is null ? InboundMetrics.Plaintext : InboundMetrics.MutualTls),
        ];
    }

    // In the headers of a reply that consists of nothing else, or in the trailers. A reply without one is UNKNOWN to its caller.
    private static int GrpcStatusOf(HttpContext context)
    {
        var status = context.Response.Headers.GrpcStatus;
        if (status.Count == 0 && context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { } trailers)
        {
            status = trailers.GrpcStatus;
        }

        return int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 0 and <= 16 ? code : 2;
    }

    private readonly record struct Series(SpiffeId? Source, SpiffeId? Own, string? Service, int Status, int? GrpcStatus, string Flags)
    {
        // Of what tells them apart; the others hardly ever differ.
        public override int GetHashCode() => HashCode.Combine(Source?.ToString(), Service, Status, GrpcStatus);
    }
}
