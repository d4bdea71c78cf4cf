using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>What an endpoint says of its pod.</summary>
internal sealed record PodView
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public string Uid { get; init; } = "";

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>Of all containers.</summary>
    public ImmutableArray<ContainerPortView> Ports { get; init; } = [];

    /// <summary>See <see cref="EndpointSlices.LocalPorts"/>.</summary>
    public ImmutableSortedDictionary<int, int> LocalPorts { get; init; } = ImmutableSortedDictionary<int, int>.Empty;

    public string? NodeName { get; init; }

    public string? Hostname { get; init; }

    public string? Subdomain { get; init; }

    /// <summary>The condition Ready, whether or not the pod is about to go.</summary>
    public bool IsReady { get; init; }

    public bool IsTerminating { get; init; }

    /// <summary>Its containers have ended for good.</summary>
    public bool IsFinished { get; init; }

    /// <summary>Null where the pod has none of the family.</summary>
    public string? AddressOf(string family) => Addresses.FirstOrDefault(address => FamilyOf(address) == family);

    public static PodView From(JsonObject pod)
    {
        var (spec, status) = (pod["spec"], pod["status"]);
        var addresses = status.ObjectsAt("podIPs").Select(entry => entry.TextAt("ip")).OfType<string>().ToImmutableArray();
        return new()
        {
            Namespace = pod.Namespace(),
            Name = pod.Name(),
            Uid = pod.Uid(),
            Labels = pod.TextMapAt("metadata", "labels"),
            Addresses = addresses.IsEmpty && status.TextAt("podIP") is { } single ? [single] : addresses,
            Ports = [.. ContainersOf(spec).SelectMany(container => container.ObjectsAt("ports")).Select(ContainerPortView.From)],
            LocalPorts = EndpointSlices.LocalPorts.Parse(pod.TextAt("metadata", "annotations", EndpointSlices.LocalPorts.Annotation)),
            NodeName = spec.TextAt("nodeName"),
            Hostname = spec.TextAt("hostname"),
            Subdomain = spec.TextAt("subdomain"),
            IsReady = status.ObjectsAt("conditions").Any(condition => condition.TextAt("type") == "Ready" && condition.TextAt("status") == "True"),
            IsTerminating = pod.IsTerminating(),
            IsFinished = status.TextAt("phase") is "Succeeded" or "Failed",
        };
    }

    /// <summary>Sidecars are init containers that do not end.</summary>
    private static IEnumerable<JsonObject> ContainersOf(JsonNode? spec) =>
        spec.ObjectsAt("containers").Concat(spec.ObjectsAt("initContainers").Where(container => container.TextAt("restartPolicy") == "Always"));

    private static string? FamilyOf(string address) => !IPAddress.TryParse(address, out var parsed) ? null
        : parsed.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6"
        : "IPv4";
}

internal sealed record ContainerPortView(string? Name, string Protocol, int Number)
{
    public static ContainerPortView From(JsonObject port) =>
        new(port.TextAt("name"), port.TextAt("protocol") ?? "TCP", port.NumberAt("containerPort") ?? 0);
}
