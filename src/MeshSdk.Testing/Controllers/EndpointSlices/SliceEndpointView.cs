using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>What tells an endpoint from the others of its slice, whatever else changes about it.</summary>
internal readonly record struct EndpointIdentity(string Address, string Pod, string Uid);

/// <summary>An endpoint as a slice states it.</summary>
internal sealed record SliceEndpointView
{
    public required string Address { get; init; }

    public bool Ready { get; init; }

    public bool Serving { get; init; }

    public bool Terminating { get; init; }

    public string? NodeName { get; init; }

    public string? Zone { get; init; }

    public string? Hostname { get; init; }

    public string PodNamespace { get; init; } = "";

    public string PodName { get; init; } = "";

    public string PodUid { get; init; } = "";

    public string? HintZone { get; init; }

    public string? HintNode { get; init; }

    public EndpointIdentity Identity => new(Address, PodName, PodUid);

    public static SliceEndpointView From(JsonObject endpoint) => new()
    {
        // More than one address is nothing that the controller writes: joined, they equal no endpoint that it wants.
        Address = string.Join(',', endpoint.TextsAt("addresses")),
        Ready = endpoint.IsTrueAt("conditions", "ready"),
        Serving = endpoint.IsTrueAt("conditions", "serving"),
        Terminating = endpoint.IsTrueAt("conditions", "terminating"),
        NodeName = endpoint.TextAt("nodeName"),
        Zone = endpoint.TextAt("zone"),
        Hostname = endpoint.TextAt("hostname"),
        PodNamespace = endpoint.TextAt("targetRef", "namespace") ?? "",
        PodName = endpoint.TextAt("targetRef", "name") ?? "",
        PodUid = endpoint.TextAt("targetRef", "uid") ?? "",
        HintZone = HintOf(endpoint, "forZones"),
        HintNode = HintOf(endpoint, "forNodes"),
    };

    public JsonObject ToJson()
    {
        var endpoint = new JsonObject
        {
            ["addresses"] = new JsonArray(Address),
            ["conditions"] = new JsonObject { ["ready"] = Ready, ["serving"] = Serving, ["terminating"] = Terminating },
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = PodNamespace, ["name"] = PodName, ["uid"] = PodUid },
        };
        Set(endpoint, "hostname", Hostname);
        Set(endpoint, "nodeName", NodeName);
        Set(endpoint, "zone", Zone);
        var hints = new JsonObject();
        Set(hints, "forZones", HintZone is null ? null : new JsonArray(new JsonObject { ["name"] = HintZone }));
        Set(hints, "forNodes", HintNode is null ? null : new JsonArray(new JsonObject { ["name"] = HintNode }));
        Set(endpoint, "hints", hints.Count == 0 ? null : hints);
        return endpoint;
    }

    private static string? HintOf(JsonObject endpoint, string field)
    {
        var names = string.Join(',', endpoint.ObjectsAt("hints", field).Select(hint => hint.TextAt("name")));
        return names.Length == 0 ? null : names;
    }

    private static void Set(JsonObject target, string field, JsonNode? value)
    {
        if (value is not null)
        {
            target[field] = value;
        }
    }
}
