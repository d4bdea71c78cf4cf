using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources;

internal sealed record GrpcRoute : RouteResource
{
    public override string Group => "gateway.networking.k8s.io";
    public override string Kind => "GRPCRoute";

    public GrpcRouteSpec Spec { get; init => field = value ?? new(); } = new();

    [JsonIgnore]
    public override ImmutableArray<ParentReference> Parents => Spec.ParentRefs.OrEmpty();

    [JsonIgnore]
    public override ImmutableArray<RouteRuleResource> WrittenRules => ImmutableArray<RouteRuleResource>.CastUp(Spec.Rules.OrEmpty());

    [JsonIgnore]
    public override ImmutableArray<string> WrittenHostnames => Spec.Hostnames.OrEmpty();
}

internal sealed record GrpcRouteSpec
{
    public ImmutableArray<ParentReference>? ParentRefs { get; init; }

    public ImmutableArray<string>? Hostnames { get; init; }

    /// <summary>Unset means that the route matches nothing.</summary>
    public ImmutableArray<GrpcRouteRule>? Rules { get; init; }
}

internal sealed record GrpcRouteRule : RouteRuleResource
{
    /// <summary>Unset means every call.</summary>
    public ImmutableArray<GrpcRouteMatch>? Matches { get; init; }
}

internal sealed record GrpcRouteMatch
{
    /// <summary>Unset means every service and method.</summary>
    public GrpcMethodMatch? Method { get; init; }

    public ImmutableArray<HttpValueMatch>? Headers { get; init; }
}

/// <summary>At least one of the two names is stated.</summary>
internal sealed record GrpcMethodMatch
{
    /// <summary>Exact (unset) or RegularExpression.</summary>
    public string? Type { get; init; }

    /// <summary>With its package, as in <c>shop.Orders</c>.</summary>
    public string? Service { get; init; }

    public string? Method { get; init; }
}
