using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>A slice that is stored.</summary>
internal sealed record SliceView
{
    public const string ServiceNameLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string ManagedBy = "endpointslice-controller.k8s.io";

    public required string Name { get; init; }

    /// <summary>IPv4, IPv6 or FQDN; cannot change.</summary>
    public required string Family { get; init; }

    public required SlicePorts Ports { get; init; }

    public ImmutableArray<SliceEndpointView> Endpoints { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Of the Service that the slice is owned by.</summary>
    public string OwnerUid { get; init; } = "";

    /// <summary>As stored; not to be changed.</summary>
    public required JsonObject Content { get; init; }

    public string? ServiceName => Labels.GetValueOrDefault(ServiceNameLabel);

    /// <summary>Slices of others (users, mirrors) are left alone.</summary>
    public bool IsOurs => Labels.GetValueOrDefault(ManagedByLabel) == ManagedBy;

    public static SliceView From(JsonObject slice) => new()
    {
        Name = slice.Name(),
        Family = slice.TextAt("addressType") ?? "",
        Ports = SlicePorts.From(slice),
        Endpoints = [.. slice.ObjectsAt("endpoints").Select(SliceEndpointView.From)],
        Labels = slice.TextMapAt("metadata", "labels"),
        OwnerUid = slice.ObjectsAt("metadata", "ownerReferences").FirstOrDefault(owner => owner.TextAt("kind") == "Service").TextAt("uid") ?? "",
        Content = slice,
    };
}
