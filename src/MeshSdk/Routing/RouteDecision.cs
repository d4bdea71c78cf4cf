using MeshSdk.Clusters;
using MeshSdk.LoadBalancing.Hashing;
using MeshSdk.Model;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Routing;

/// <summary>
/// Where one request goes: to an endpoint, on which it then holds a lease, or nowhere, and then why. Texts are made only when somebody asks.
/// </summary>
internal readonly struct RouteDecision
{
    private RouteDecision(Frontend frontend, BoundRule? rule, BoundBackend? backend)
    {
        Frontend = frontend;
        Rule = rule;
        Backend = backend;
    }

    public Frontend Frontend { get; }

    /// <summary>Null where no rule matched.</summary>
    public BoundRule? Rule { get; }

    /// <summary>Null where no backend was chosen.</summary>
    public BoundBackend? Backend { get; }

    /// <summary>Only the rule is known yet: it has filters and the like, which come before the choice of a backend.</summary>
    public bool IsOpen { get; private init; }

    /// <summary>Null where the request cannot be sent.</summary>
    public EndpointLease? Lease { get; private init; }

    /// <summary>Null where the request cannot be sent.</summary>
    public EndpointState? Endpoint => Lease?.Endpoint;

    /// <summary>The model under which <see cref="Endpoint"/> was picked.</summary>
    public ClusterModel? Cluster { get; private init; }

    /// <summary>What the client is to be told by the response; null for nothing.</summary>
    public HashCookie? Cookie { get; init; }

    /// <summary>The status for the caller where the request cannot be sent.</summary>
    public int Status { get; private init; }

    /// <summary>What there is too much of, where it cannot be sent for that.</summary>
    public OverflowKind Overflowed { get; private init; }

    /// <summary>See <see cref="ResponseFlags"/>.</summary>
    public string Flags { get; private init; } = ResponseFlags.None;

    /// <summary>What telemetry counts the request for.</summary>
    public ClusterId Destination => Backend?.Model.Cluster ?? Frontend.Id;

    public string Reason => this switch
    {
        { Rule: null } => $"no rule of the {Frontend.Id} routes matches",
        { Rule.Rule.Failure: { } failure } => $"{NameOf(Rule)}: {Describe(failure)}",
        { Backend.Model.Failure: { } failure } => $"{NameOf(Rule)}: {Describe(failure)}",
        { Flags: ResponseFlags.UpstreamOverflow, Overflowed: OverflowKind.Pending } =>
            $"as many requests wait for a connection to {Backend!.Model.Cluster} as its policy allows",
        { Flags: ResponseFlags.UpstreamOverflow } => $"as many requests to {Backend!.Model.Cluster} are under way as its policy allows",
        _ => $"no usable endpoint of {Backend!.Model.Cluster}",
    };

    public static RouteDecision Forward(Frontend frontend, BoundBackend backend, EndpointLease lease, ClusterModel cluster) =>
        new(frontend, backend.Rule, backend) { Lease = lease, Cluster = cluster };

    public static RouteDecision NoRoute(Frontend frontend) =>
        new(frontend, null, null) { Status = 404, Flags = ResponseFlags.NoRoute };

    public static RouteDecision RuleFails(Frontend frontend, BoundRule rule) =>
        new(frontend, rule, null) { Status = rule.Rule.Failure!.Status, Flags = ResponseFlags.NoCluster };

    public static RouteDecision BackendInvalid(Frontend frontend, BoundBackend backend) =>
        new(frontend, backend.Rule, backend) { Status = backend.Model.Failure!.Status, Flags = ResponseFlags.NoCluster };

    public static RouteDecision NoEndpoint(Frontend frontend, BoundBackend backend) =>
        new(frontend, backend.Rule, backend) { Status = 503, Flags = ResponseFlags.NoHealthyUpstream };

    /// <summary>As much is under way to the backend as may be.</summary>
    public static RouteDecision Overflow(Frontend frontend, BoundBackend backend, OverflowKind kind = OverflowKind.Requests) =>
        new(frontend, backend.Rule, backend) { Status = 503, Flags = ResponseFlags.UpstreamOverflow, Overflowed = kind };

    /// <summary>What came of asking a backend's cluster for an endpoint.</summary>
    public static RouteDecision Of(PickOutcome outcome, Frontend frontend, BoundBackend backend, EndpointLease? lease, ClusterModel? cluster) => outcome switch
    {
        PickOutcome.Picked => Forward(frontend, backend, lease!, cluster!),
        PickOutcome.Overflow => Overflow(frontend, backend),
        _ => NoEndpoint(frontend, backend),
    };

    /// <summary>The rule does more than forward; how it goes on is for who carries the rule out.</summary>
    public static RouteDecision Ruled(Frontend frontend, BoundRule rule) => new(frontend, rule, null) { IsOpen = true };

    /// <summary>A filter of the rule, or of a backend that was chosen, answers.</summary>
    public static RouteDecision Answered(Frontend frontend, BoundRule rule, BoundBackend? backend) => new(frontend, rule, backend);

    private static string Describe(RouteFailure failure) => failure.Message.Length > 0 ? $"{failure.Message} ({failure.Reason})" : failure.Reason;

    private static string NameOf(BoundRule rule) => rule.Rule.Route is { } route ? $"{route} rule {rule.Rule.Index}" : rule.Frontend.Id.ToString();
}
