using System.Text.Json.Serialization;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Identity;
using MeshSdk.Tool.Policies;

namespace MeshSdk.Tool.Describe;

/// <summary>
/// A service as a caller finds it. The properties and their order are a public interface that scripts read: may grow, never change.
/// </summary>
internal sealed record ServiceDescription(
    string Namespace,
    string Service,
    string Type,
    string CallerNamespace,
    IReadOnlyList<string> Hosts,
    IReadOnlyList<DescribedPort> Ports,
    IReadOnlyList<DescribedReference> ReachedBy,
    IReadOnlyList<ExplainedDiagnostic> NotActedOn,
    IReadOnlyList<ExplainedDiagnostic> Problems,
    IReadOnlyList<DescribedUnknown> Unknown,
    IReadOnlyList<DescribedRouteStatus> RouteStatuses)
{
    /// <summary>What its pods ask of those who call them; null where no PeerAuthentication is for them.</summary>
    public DescribedPeers? PeerAuthentication { get; init; }

    /// <summary>Who the caller is to its peers.</summary>
    public CallerIdentity? Caller { get; init; }

    /// <summary>A reason for people. What is missing is told at length once for all, and not again by everything that depends on it.</summary>
    public string Shorten(string? reason)
    {
        var cause = Unknown.FirstOrDefault(unknown => reason is not null && reason.EndsWith($": {unknown.Reason}", StringComparison.Ordinal));
        return cause is null ? reason ?? "" : $"{reason![..^(cause.Reason.Length + 2)]} (see Unknown)";
    }

    /// <summary>Whether a problem is nothing but that something is unknown.</summary>
    public bool IsOfUnknown(ExplainedDiagnostic problem) =>
        Unknown.Any(unknown => problem.Message.Contains($": {unknown.Reason}; ", StringComparison.Ordinal));

    /// <summary>Whether the endpoints of the service itself could not be read.</summary>
    [JsonIgnore]
    public bool AreEndpointsUnknown => Unknown.Any(unknown =>
        unknown.Kind == "EndpointSlice" && (unknown.Namespace ?? Namespace) == Namespace && (unknown.Name ?? Service) == Service);

    /// <summary>An object's name for people: with its namespace where that is not the caller's.</summary>
    public string NameOf(string ns, string name) => ns == CallerNamespace ? name : $"{name}.{ns}";
}

/// <summary><paramref name="Status"/> and <paramref name="Reason"/> are set where every call is answered by the mesh itself, whatever the routes say.
/// <paramref name="GrpcRoutes"/> decide about gRPC calls in the place of <paramref name="Routes"/> where there are any.</summary>
internal sealed record DescribedPort(
    string? Name,
    int Port,
    string Protocol,
    string TargetPort,
    IReadOnlyList<DescribedDestinationRule> DestinationRules,
    ExplainedPolicy Policy,
    string? Scope,
    IReadOnlyList<DescribedRoute> Routes,
    IReadOnlyList<DescribedLoss> LostRoutes,
    DescribedEndpoints Endpoints,
    int? Status,
    string? Reason,
    string? GrpcScope,
    IReadOnlyList<DescribedRoute> GrpcRoutes)
{
    /// <summary>What the destination rules, and whatever else says something of calls, come to; null where it cannot be told.</summary>
    public EffectivePolicy? EffectivePolicy { get; init; }

    public IReadOnlyList<DescribedLostRule> LostDestinationRules { get; init; } = [];

    /// <summary>Whether calls to the port go to other services alone, whose own policies count.</summary>
    [JsonIgnore]
    public bool IsRoutedAround { get; init; }
}

/// <summary>A destination rule as it was written; <paramref name="Policies"/> names the blocks of its traffic policy.</summary>
internal sealed record DescribedDestinationRule(
    string Namespace,
    string Name,
    string Host,
    bool HasTrafficPolicy,
    string? TlsMode,
    IReadOnlyList<string> Policies,
    IReadOnlyList<DescribedPortSettings> PortLevelSettings,
    IReadOnlyList<string> Subsets)
{
    /// <summary>Why its traffic policy counts for nothing; null where it counts, or where there is none.</summary>
    public string? Reason { get; init; }
}

/// <summary>A destination rule that covers the service, or looks as if it were to, and does not apply.</summary>
internal sealed record DescribedLostRule(string Namespace, string Name, string Host, string Reason);

internal sealed record DescribedPortSettings(int Port, string? TlsMode, IReadOnlyList<string> Policies);

internal sealed record DescribedRoute(string Kind, string Namespace, string Name, IReadOnlyList<DescribedRouteRule> Rules);

/// <summary><paramref name="Status"/> and <paramref name="Reason"/> are set where every request of the rule is answered by the mesh itself.</summary>
internal sealed record DescribedRouteRule(
    int Rule,
    string? RuleName,
    int? Status,
    string? Reason,
    IReadOnlyList<DescribedMatch> Matches,
    IReadOnlyList<DescribedBackend> Backends)
{
    /// <summary>For people, in the order written.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    public ExplainedTimeouts? Timeouts { get; init; }

    public ExplainedRetry? Retry { get; init; }

    public ExplainedSession? SessionPersistence { get; init; }
}

/// <param name="Match">Position in the rule as written; null where the rule lists none.</param>
/// <param name="Order">Position in which it is tried among all matches of the port, from zero.</param>
/// <param name="Conditions">For people, as in <c>/cart* when headers are version=two</c>.</param>
/// <param name="ShadowedBy">Why it never decides; null where it may.</param>
internal sealed record DescribedMatch(int? Match, int Order, string Conditions, string? ShadowedBy);

/// <summary><paramref name="Status"/> and <paramref name="Reason"/> are set where its share cannot be served.</summary>
internal sealed record DescribedBackend(
    string Namespace,
    string Service,
    int? Port,
    int Weight,
    double Share,
    int? Status,
    string? Reason,
    ExplainedPolicy Policy,
    DescribedEndpoints Endpoints)
{
    /// <summary>For people, in the order written; they run after those of the rule.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];
}

/// <summary>What became of a route at this service, in the words of the Gateway API; <paramref name="ParentRef"/> is a position in its list.</summary>
internal sealed record DescribedRouteStatus(
    string Kind, string Namespace, string Name, int ParentRef, bool Accepted, IReadOnlyList<DescribedCondition> Conditions);

internal sealed record DescribedCondition(string Type, string Status, string Reason, string Message, long? ObservedGeneration);

/// <summary>A route that names the service as its parent and does not apply.</summary>
internal sealed record DescribedLoss(string Kind, string Namespace, string Name, string Reason);

internal sealed record DescribedEndpoints(int Total, int Ready, int Terminating, int Unready, IReadOnlyList<DescribedEndpoint> Items)
{
    /// <summary>By the process that describes: each ejects for itself, and one that has made no calls has ejected none.</summary>
    public int Ejected { get; init; }

    /// <summary>In the order in which they are tried.</summary>
    public IReadOnlyList<DescribedPriority> Priorities { get; init; } = [];

    /// <summary>Whether endpoints may be ejected at all.</summary>
    [JsonIgnore]
    public bool MayBeEjected { get; init; }
}

/// <param name="Load">How many of a hundred requests go to endpoints of it; null where that cannot be told, because none is ready.</param>
/// <param name="Localities">Those of its endpoints, each once.</param>
internal sealed record DescribedPriority(int Priority, int Total, int Ready, int Ejected, int? Load, IReadOnlyList<string> Localities);

internal sealed record DescribedEndpoint(
    string Address,
    string Health,
    string? Locality,
    int Priority,
    int Weight,
    string Tls,
    string TlsReason,
    IReadOnlyList<string> Sans)
{
    /// <summary>Why no request goes there as things are; null where requests do.</summary>
    public string? NotUsed { get; init; }

    /// <summary>Why it cannot be told who the endpoint has to prove to be; null where it can, and where nobody asks.</summary>
    public string? Withheld { get; init; }
}

/// <summary>A rule of another service that sends requests here.</summary>
internal sealed record DescribedReference(
    string Kind, string Namespace, string Name, int Rule, string ParentNamespace, string Parent, int ParentPort, int? Port, int Weight, double Share);

/// <summary>Objects of which it cannot be told whether there are any. A null namespace or name means all.</summary>
internal sealed record DescribedUnknown(string Kind, string? Namespace, string? Name, string Reason);
