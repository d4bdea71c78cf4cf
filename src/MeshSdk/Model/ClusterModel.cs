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
}
