using System.Collections.Immutable;

namespace MeshSdk.Resources;

internal sealed record EndpointSlice : Resource
{
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    public override string Group => "discovery.k8s.io";
    public override string Kind => "EndpointSlice";

    /// <summary>IPv4, IPv6 or FQDN.</summary>
    public string? AddressType { get; init; }

    public ImmutableArray<SliceEndpoint>? Endpoints { get; init; }

    public ImmutableArray<SlicePort>? Ports { get; init; }

    /// <summary>
    /// Last heard of so long ago that its addresses may belong to other pods by now: good only for peers that prove who they are.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsOutdated { get; init; }

    /// <summary>The service that the slice belongs to; null where the label is missing.</summary>
    public string? ServiceName => Metadata.Labels?.GetValueOrDefault(ServiceNameLabel);
}

internal sealed record SliceEndpoint
{
    public ImmutableArray<string>? Addresses { get; init; }

    public EndpointConditions? Conditions { get; init; }

    public string? NodeName { get; init; }

    public string? Zone { get; init; }

    public ObjectReference? TargetRef { get; init; }
}

/// <summary>Unset means: ready, serving as ready says, not terminating.</summary>
internal sealed record EndpointConditions
{
    public bool? Ready { get; init; }

    public bool? Serving { get; init; }

    public bool? Terminating { get; init; }
}

internal sealed record SlicePort
{
    public string? Name { get; init; }

    /// <summary>Null: every port.</summary>
    public int? Port { get; init; }

    public string? Protocol { get; init; }

    public string? AppProtocol { get; init; }
}

internal sealed record ObjectReference
{
    public string? Kind { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? Uid { get; init; }
}
