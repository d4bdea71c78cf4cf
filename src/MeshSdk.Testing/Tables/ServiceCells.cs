using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tables;

/// <summary>What <c>kubectl get</c> tells of Services and of the endpoints behind them.</summary>
internal static class ServiceCells
{
    public static string ExternalIp(JsonObject service)
    {
        var spec = service["spec"];
        var own = Items(spec?["externalIPs"]).Select(ip => ip.ToString()).ToArray();
        switch (spec?["type"]?.ToString())
        {
            case "ExternalName":
                return BuiltInCells.TextOr(spec["externalName"], "<none>");
            case "LoadBalancer":
                var given = Items(service["status"]?["loadBalancer"]?["ingress"]).Select(ingress => PlainJson.String(ingress["ip"]) ?? PlainJson.String(ingress["hostname"]));
                var all = given.Concat(own).ToArray();
                return all.Length > 0 ? string.Join(',', all) : "<pending>";
            default:
                return own.Length > 0 ? string.Join(',', own) : "<none>";
        }
    }

    public static string Ports(JsonObject service)
    {
        var ports = Items(service["spec"]?["ports"]).Select(port =>
            BuiltInCells.Number(port["nodePort"]) is not 0 and var node ? $"{port["port"]}:{node}/{port["protocol"]}" : $"{port["port"]}/{port["protocol"]}").ToArray();
        return ports.Length > 0 ? string.Join(',', ports) : "<none>";
    }

    public static string SlicePorts(JsonObject slice)
    {
        if (slice["ports"] is not JsonArray { Count: > 0 } ports)
        {
            return "<unset>";
        }

        return BuiltInCells.Some([.. ports.Select(port => port?["port"]?.ToString() ?? "*")]);
    }

    public static string SliceAddresses(JsonObject slice)
    {
        string[] addresses = [.. Items(slice["endpoints"]).SelectMany(endpoint => Items(endpoint["addresses"])).Select(address => address.ToString())];
        return addresses.Length == 0 ? "<unset>" : BuiltInCells.Some(addresses);
    }

    public static string Endpoints(JsonObject endpoints)
    {
        var all = new List<string>();
        foreach (var subset in Items(endpoints["subsets"]))
        {
            var addresses = Items(subset["addresses"]).Select(address => address["ip"]!.ToString()).ToArray();
            var ports = Items(subset["ports"]).Select(port => BuiltInCells.Number(port["port"])).ToArray();
            all.AddRange(ports.Length == 0 ? addresses : ports.SelectMany(port => addresses.Select(address => Join(address, port))));
        }

        return BuiltInCells.Some(all);
    }

    private static string Join(string address, long port) =>
        string.Create(CultureInfo.InvariantCulture, $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{port}");

    private static IEnumerable<JsonNode> Items(JsonNode? list) => (list as JsonArray)?.OfType<JsonNode>() ?? [];
}
