using System.Collections.Immutable;

namespace MeshSdk.Resources;

internal sealed record EndpointSlice : Resource
{
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    public override string Group => "discovery.k8s.io";
    public override string Kind => "EndpointSlice";

    /// <summary>IPv4, IPv6 or FQDN.</summary>
    public string? AddressType { get; init => field = SharedText.Of(value); }

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

/// <remarks>There may be a hundred thousand of these: what many have in common they share.</remarks>
internal sealed record SliceEndpoint
{
    public ImmutableArray<string>? Addresses { get; init; }

    public EndpointConditions? Conditions { get; init => field = EndpointConditions.Shared(value); }

    public string? NodeName { get; init => field = SharedText.Of(value); }

    public string? Zone { get; init => field = SharedText.Of(value); }

    public EndpointHints? Hints { get; init => field = EndpointHints.Shared(value); }

    public ObjectReference? TargetRef { get; init; }
}

/// <summary>Unset means: ready, serving as ready says, not terminating.</summary>
internal sealed record EndpointConditions
{
    private static readonly EndpointConditions[] All =
        [.. from ready in States from serving in States from terminating in States select new EndpointConditions(ready, serving, terminating)];

    public EndpointConditions()
    {
    }

    private EndpointConditions(bool? ready, bool? serving, bool? terminating) => (Ready, Serving, Terminating) = (ready, serving, terminating);

    public bool? Ready { get; init; }

    public bool? Serving { get; init; }

    public bool? Terminating { get; init; }

    private static bool?[] States => [null, false, true];

    /// <summary>One of the 27 that there can be.</summary>
    public static EndpointConditions? Shared(EndpointConditions? conditions) => conditions is null
        ? null
        : All[(((Index(conditions.Ready) * 3) + Index(conditions.Serving)) * 3) + Index(conditions.Terminating)];

    private static int Index(bool? state) => state switch
    {
        null => 0,
        false => 1,
        true => 2,
    };
}

internal sealed record SlicePort
{
    public string? Name { get; init => field = SharedText.Of(value); }

    /// <summary>Null: every port.</summary>
    public int? Port { get; init; }

    public string? Protocol { get; init => field = SharedText.Of(value); }

    public string? AppProtocol { get; init => field = SharedText.Of(value); }
}

internal sealed record ObjectReference
{
    private readonly PackedUid _uid;

    public string? Kind { get; init => field = SharedText.Of(value); }

    public string? Namespace { get; init => field = SharedText.Of(value); }

    public string? Name { get; init; }

    public string? Uid
    {
        get => _uid.Text;
        init => _uid = new(value);
    }

    /// <inheritdoc cref="PackedUid.Number"/>
    public Guid UidNumber => _uid.Number;
}
