using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tables;

/// <summary>Cells of built-in kinds that show more than what one path leads to.</summary>
internal static class BuiltInCells
{
    private const string None = "<none>";

    private static readonly Dictionary<(string Kind, string Column), Func<JsonObject, DateTimeOffset, JsonNode?>> Cells = new()
    {
        [("Pod", "Ready")] = (pod, _) => PodCells.Ready(pod),
        [("Pod", "Status")] = (pod, _) => PodCells.Status(pod),
        [("Pod", "Restarts")] = (pod, now) => PodCells.Restarts(pod, now),
        [("Pod", "IP")] = (pod, _) => TextOr(pod["status"]?["podIP"], None),
        [("Pod", "Node")] = (pod, _) => TextOr(pod["spec"]?["nodeName"], None),
        [("Pod", "Nominated Node")] = (pod, _) => TextOr(pod["status"]?["nominatedNodeName"], None),
        [("Pod", "Readiness Gates")] = (pod, _) => PodCells.Gates(pod),
        [("Service", "Cluster-IP")] = (service, _) => TextOr(service["spec"]?["clusterIP"], None),
        [("Service", "External-IP")] = (service, _) => ServiceCells.ExternalIp(service),
        [("Service", "Port(s)")] = (service, _) => ServiceCells.Ports(service),
        [("Service", "Selector")] = (service, _) => Labels(service["spec"]?["selector"]),
        [("EndpointSlice", "Ports")] = (slice, _) => ServiceCells.SlicePorts(slice),
        [("EndpointSlice", "Endpoints")] = (slice, _) => ServiceCells.SliceAddresses(slice),
        [("Endpoints", "Endpoints")] = (endpoints, _) => ServiceCells.Endpoints(endpoints),
        [("Node", "Status")] = (node, _) => NodeStatus(node),
        [("Node", "Roles")] = (node, _) => NodeRoles(node),
        [("ConfigMap", "Data")] = (map, _) => Count(map["data"]) + Count(map["binaryData"]),
        [("Secret", "Data")] = (secret, _) => Count(secret["data"]),
        [("ServiceAccount", "Secrets")] = (account, _) => Count(account["secrets"]),
        [("Event", "Last Seen")] = (happened, now) => LastSeen(happened, now),
        [("Event", "Object")] = (happened, _) => $"{happened["involvedObject"]?["kind"]?.ToString().ToLowerInvariant()}/{happened["involvedObject"]?["name"]}",
        [("Deployment", "Ready")] = (owner, _) => $"{Number(owner["status"]?["readyReplicas"])}/{Number(owner["spec"]?["replicas"])}",
        [("Deployment", "Up-to-date")] = (owner, _) => Number(owner["status"]?["updatedReplicas"]),
        [("Deployment", "Available")] = (owner, _) => Number(owner["status"]?["availableReplicas"]),
        [("Deployment", "Selector")] = (owner, _) => Labels(owner["spec"]?["selector"]?["matchLabels"]),
        [("ReplicaSet", "Desired")] = (owner, _) => Number(owner["spec"]?["replicas"]),
        [("ReplicaSet", "Current")] = (owner, _) => Number(owner["status"]?["replicas"]),
        [("ReplicaSet", "Ready")] = (owner, _) => Number(owner["status"]?["readyReplicas"]),
        [("ReplicaSet", "Selector")] = (owner, _) => Labels(owner["spec"]?["selector"]?["matchLabels"]),
        [("RoleBinding", "Role")] = (binding, _) => $"{binding["roleRef"]?["kind"]}/{binding["roleRef"]?["name"]}",
        [("ClusterRoleBinding", "Role")] = (binding, _) => $"{binding["roleRef"]?["kind"]}/{binding["roleRef"]?["name"]}",
    };

    /// <summary>Null where the column shows what its path leads to.</summary>
    public static Func<JsonObject, DateTimeOffset, JsonNode?>? Find(ResourceType type, PrinterColumn column) =>
        type.IsCustom ? null : Cells.GetValueOrDefault((type.Kind, column.Name));

    public static string TextOr(JsonNode? value, string otherwise) => PlainJson.String(value) is { Length: > 0 } text ? text : otherwise;

    public static long Number(JsonNode? value) => (long)(PlainJson.Number(value) ?? 0);

    /// <summary>At most three texts, then how many more there are.</summary>
    public static string Some(IReadOnlyCollection<string> texts) => texts.Count switch
    {
        0 => None,
        <= 3 => string.Join(',', texts),
        _ => string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', texts.Take(3))} + {texts.Count - 3} more..."),
    };

    private static string Labels(JsonNode? labels) =>
        labels is JsonObject { Count: > 0 } all ? string.Join(',', all.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")) : None;

    private static int Count(JsonNode? values) => values switch
    {
        JsonObject content => content.Count,
        JsonArray items => items.Count,
        _ => 0,
    };

    private static string NodeStatus(JsonObject node)
    {
        var ready = (node["status"]?["conditions"] as JsonArray)?.FirstOrDefault(condition => condition?["type"]?.ToString() == "Ready");
        var status = ready is null ? "Unknown" : ready["status"]?.ToString() == "True" ? "Ready" : "NotReady";
        return node["spec"]?["unschedulable"]?.ToString() == "true" ? status + ",SchedulingDisabled" : status;
    }

    private static string NodeRoles(JsonObject node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = (node["metadata"]?["labels"] as JsonObject ?? [])
            .Where(label => label.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(label => label.Key[Prefix.Length..])
            .Order(StringComparer.Ordinal)
            .ToArray();
        return roles.Length > 0 ? string.Join(',', roles) : None;
    }

    private static string LastSeen(JsonObject happened, DateTimeOffset now)
    {
        var time = PlainJson.String(happened["series"]?["lastObservedTime"]) ?? PlainJson.String(happened["lastTimestamp"]) ?? PlainJson.String(happened["eventTime"]);
        return time is null ? "<unknown>" : Ages.Of(time, now);
    }
}
