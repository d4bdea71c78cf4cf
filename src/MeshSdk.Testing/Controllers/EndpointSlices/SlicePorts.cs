using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>The ports of a slice, which hold for all its endpoints. Equal where the ports are the same, in whatever order.</summary>
internal sealed class SlicePorts(ImmutableArray<SlicePortView> ports) : IEquatable<SlicePorts>
{
    // Line breaks stand in none of the parts.
    private readonly string _key = string.Join('\n', ports.Select(port =>
        string.Create(CultureInfo.InvariantCulture, $"{port.Name}\t{port.Protocol}\t{port.Number}\t{port.AppProtocol}")).Order(StringComparer.Ordinal));

    public static SlicePorts None { get; } = new([]);

    public ImmutableArray<SlicePortView> Items { get; } = ports;

    /// <summary>The ports of a Service on pods that have no say in them; null: they differ from pod to pod.</summary>
    public static SlicePorts? Of(ServiceView service) => service.Ports.All(port => port.TargetNumber is not null)
        ? new([.. service.Ports.Select(port => new SlicePortView(port.Name, port.Protocol, port.TargetNumber!.Value, port.AppProtocol))])
        : null;

    /// <summary>The ports of a Service on one pod. A port that the pod does not have, by its name, is left out.</summary>
    public static SlicePorts Of(ServiceView service, PodView pod)
    {
        var ports = ImmutableArray.CreateBuilder<SlicePortView>();
        foreach (var port in service.Ports)
        {
            var number = port.TargetNumber ?? pod.Ports
                .FirstOrDefault(candidate => candidate.Name == port.TargetPort && candidate.Protocol == port.Protocol)?.Number;
            if (number is { } container)
            {
                ports.Add(new(port.Name, port.Protocol, pod.LocalPorts.GetValueOrDefault(container, container), port.AppProtocol));
            }
        }

        return new(ports.ToImmutable());
    }

    public static SlicePorts From(JsonObject slice) => new(
    [
        .. slice.ObjectsAt("ports").Select(port =>
            new SlicePortView(port.TextAt("name") ?? "", port.TextAt("protocol") ?? "TCP", port.NumberAt("port") ?? 0, port.TextAt("appProtocol"))),
    ]);

    public JsonArray ToJson() => new([.. Items.Select(port => port.ToJson())]);

    public bool Equals(SlicePorts? other) => other is not null && other._key == _key;

    public override bool Equals(object? obj) => Equals(obj as SlicePorts);

    public override int GetHashCode() => _key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _key;
}

internal sealed record SlicePortView(string Name, string Protocol, int Number, string? AppProtocol)
{
    public JsonNode ToJson()
    {
        var port = new JsonObject { ["name"] = Name, ["protocol"] = Protocol, ["port"] = Number };
        if (AppProtocol is not null)
        {
            port["appProtocol"] = AppProtocol;
        }

        return port;
    }
}
