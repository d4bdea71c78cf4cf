using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>The endpoints behind one port of a service, and the policy for calling them.</summary>
internal sealed record ClusterModel
{
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);

    public required ClusterId Id { get; init; }

    /// <summary>The fully qualified name of the service.</summary>
    public required string Host { get; init; }

    public ClusterProtocol Protocol { get; init; } = ClusterProtocol.Auto;

    /// <summary>All of them, unready ones included, in a stable order.</summary>
    public required ImmutableArray<EndpointModel> Endpoints { get; init; }

    public LoadBalancerKind LoadBalancer { get; init; } = LoadBalancerKind.LeastRequest;

    /// <summary>For the kinds that hash; null for the others.</summary>
    public HashModel? Hash { get; init; }

    /// <summary>For the kind that weighs endpoints by the load that they report; null for the others.</summary>
    public BackendUtilizationModel? BackendUtilization { get; init; }

    /// <summary>Null: new endpoints have their full share at once.</summary>
    public SlowStartModel? SlowStart { get; init; }

    /// <summary>Below so many healthy of a hundred endpoints it is not looked at health any more; 0: it always is.</summary>
    public int PanicThreshold { get; init; }

    /// <summary>Not empty: localities are chosen by weight, and those that are not here get nothing.</summary>
    public ImmutableArray<LocalityWeight> LocalityWeights { get; init; } = [];

    /// <summary>Null: endpoints are used however they do.</summary>
    public OutlierDetectionModel? OutlierDetection { get; init; }

    public ConnectionLimits Limits { get; init; } = ConnectionLimits.None;

    public ConnectionSettings Connections { get; init; } = ConnectionSettings.Default;

    public TimeSpan ConnectTimeout { get; init; } = DefaultConnectTimeout;

    /// <summary>Null: retries are not limited beyond what each rule says.</summary>
    public RetryBudget? RetryBudget { get; init; }

    /// <summary>TLS that the service itself asks for; null: none, or what the caller's own policy says instead.</summary>
    public ClusterTls? Tls { get; init; }

    public ClusterPolicy Policy { get; init; } = ClusterPolicy.None;
}

/// <summary>What the endpoints speak.</summary>
internal enum ClusterProtocol
{
    /// <summary>Not declared: as the caller asks.</summary>
    Auto,
    Http1,

    /// <summary>HTTP/2, in cleartext with prior knowledge.</summary>
    Http2,

    /// <summary>The version that the caller's message states, whatever the port declares.</summary>
    Caller,
}

/// <summary>How an endpoint is chosen.</summary>
internal enum LoadBalancerKind
{
    LeastRequest,
    RoundRobin,
    Random,
    RingHash,
    Maglev,
    PassThrough,

    /// <summary>By turns, weighed by the load that endpoints report.</summary>
    BackendUtilization,
}
