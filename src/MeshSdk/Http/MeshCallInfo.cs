using MeshSdk.Routing;
using MeshSdk.Transport;

namespace MeshSdk;

/// <summary>What the mesh did with one request. Recorded for clients that ask for it, see <see cref="MeshClientOptions.RecordCalls"/>.</summary>
public sealed record MeshCallInfo
{
    internal static readonly HttpRequestOptionsKey<MeshCallInfo> Key = new("MeshSdk.Call");

    internal static MeshCallInfo Of(BoundRule? rule, BoundBackend? backend, EndpointState? endpoint, int attempts, string flags, string? peer) => new()
    {
        Route = rule?.Rule.Route?.ToString(),
        Rule = rule is { Rule: { Route: not null, Index: var index } } ? index : null,
        Backend = backend?.Model.Cluster.ToString(),
        Endpoint = endpoint?.Name,
        Attempts = attempts,
        Flags = flags,
        Peer = peer,
    };

    /// <summary>The route that decided, as <c>Kind namespace/name</c>; null where the service has none.</summary>
    public string? Route { get; init; }

    /// <summary>The zero-based rule of <see cref="Route"/>; null where the service has no route or none of its rules matched.</summary>
    public int? Rule { get; init; }

    /// <summary>The backend that was chosen, as <c>namespace/service:port</c>; null where there was none to choose.</summary>
    public string? Backend { get; init; }

    /// <summary>The address that was picked, as <c>ip:port</c>; null where none was. With 0 <see cref="Attempts"/> nothing was sent there, nor was it connected to.</summary>
    public string? Endpoint { get; init; }

    /// <summary>
    /// How often the mesh sent the request: 1, more where it was retried, or 0 where the mesh answered without sending. Not counted is what
    /// <see cref="SocketsHttpHandler"/> sends again by itself where an HTTP/2 server has given up a stream unprocessed (<c>REFUSED_STREAM</c>, or a
    /// <c>GOAWAY</c> that names an earlier one as the last): up to three times for each of these attempts, to the same endpoint.
    /// </summary>
    public int Attempts { get; init; }

    /// <summary>Envoy's response flags, joined by commas; <c>-</c> for none.</summary>
    public string Flags { get; init; } = Telemetry.ResponseFlags.None;

    /// <summary>
    /// The identity that the endpoint proved; null on plaintext, and where no response came from it. It is the one of the newest connection to the endpoint: where an
    /// endpoint may prove one of several, an older connection, over which the response came, may have shown another of them.
    /// </summary>
    public string? Peer { get; init; }
}
