using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>What the slices of a Service depend on.</summary>
internal sealed record ServiceView
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public string Uid { get; init; } = "";

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Empty: somebody else writes the slices.</summary>
    public ImmutableSortedDictionary<string, string> Selector { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableArray<ServicePortView> Ports { get; init; } = [];

    /// <summary>IPv4, IPv6, or both; each has slices of its own.</summary>
    public ImmutableArray<string> Families { get; init; } = ["IPv4"];

    public bool IsExternalName { get; init; }

    public bool IsHeadless { get; init; }

    public bool IsTerminating { get; init; }

    public bool PublishNotReadyAddresses { get; init; }

    public string TrafficDistribution { get; init; } = "";

    /// <summary>Of the others nothing is written or deleted: they may have slices that a user has made.</summary>
    public bool HasControlledSlices => !IsExternalName && Selector.Count > 0;

    public bool Selects(PodView pod) => Selector.Count > 0
        && Selector.All(wanted => pod.Labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value);

    public static ServiceView From(JsonObject service)
    {
        var spec = service["spec"];
        return new()
        {
            Namespace = service.Namespace(),
            Name = service.Name(),
            Uid = service.Uid(),
            Labels = service.TextMapAt("metadata", "labels"),
            Selector = spec.TextMapAt("selector"),
            Ports = [.. spec.ObjectsAt("ports").Select(ServicePortView.From)],
            Families = FamiliesOf(spec),
            IsExternalName = spec.TextAt("type") == "ExternalName",
            IsHeadless = spec.TextAt("clusterIP") == "None",
            IsTerminating = service.IsTerminating(),
            PublishNotReadyAddresses = spec.IsTrueAt("publishNotReadyAddresses"),
            TrafficDistribution = spec.TextAt("trafficDistribution") ?? "",
        };
    }

    /// <summary>Where nobody has filled the families in, the address says which one it is.</summary>
    private static ImmutableArray<string> FamiliesOf(JsonNode? spec) =>
        spec.TextsAt("ipFamilies") is { Length: > 0 } families ? families
        : IPAddress.TryParse(spec.TextAt("clusterIP"), out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? ["IPv6"]
        : ["IPv4"];
}

/// <param name="Name">Empty where the Service has one port, without a name.</param>
/// <param name="TargetPort">A number, or the name of a container's port.</param>
internal sealed record ServicePortView(string Name, string Protocol, string? AppProtocol, int? TargetNumber, string? TargetPort)
{
    public static ServicePortView From(JsonObject port) => new(
        port.TextAt("name") ?? "",
        port.TextAt("protocol") ?? "TCP",
        port.TextAt("appProtocol"),
        port.TextAt("targetPort") is null ? port.NumberAt("targetPort") ?? port.NumberAt("port") : null,
        port.TextAt("targetPort"));
}
