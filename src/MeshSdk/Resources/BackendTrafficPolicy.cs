using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources;

/// <summary>How a service is to be called, whichever route leads to it. Its name in the API has an X in front, for experimental.</summary>
internal sealed record BackendTrafficPolicy : PolicyResource
{
    public override string Group => "gateway.networking.x-k8s.io";
    public override string Kind => "XBackendTrafficPolicy";

    public BackendTrafficPolicySpec Spec { get; init => field = value ?? new(); } = new();

    [JsonIgnore]
    public override ImmutableArray<PolicyTargetReference> Targets => Spec.TargetRefs.OrEmpty();
}

internal sealed record BackendTrafficPolicySpec
{
    public ImmutableArray<PolicyTargetReference>? TargetRefs { get; init; }

    public RetryConstraint? RetryConstraint { get; init; }

    public JsonElement? SessionPersistence { get; init; }
}

/// <summary>How many of all requests may be retries.</summary>
internal sealed record RetryConstraint
{
    public RetryConstraintBudget? Budget { get; init; }

    public RetryConstraintRate? MinRetryRate { get; init; }
}

internal sealed record RetryConstraintBudget
{
    /// <summary>Unset means 20.</summary>
    public int? Percent { get; init; }

    /// <summary>A duration in the form of GEP-2257; unset means 10s.</summary>
    public string? Interval { get; init; }
}

/// <summary>So many retries are allowed in any case.</summary>
internal sealed record RetryConstraintRate
{
    /// <summary>Unset means 10.</summary>
    public int? Count { get; init; }

    /// <summary>A duration in the form of GEP-2257; unset means 1s.</summary>
    public string? Interval { get; init; }
}
