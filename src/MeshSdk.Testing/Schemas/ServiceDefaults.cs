using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>Defaults of a Service's spec. Who gives it a clusterIP does so before, so that the families and clusterIPs agree with it.</summary>
internal static class ServiceDefaults
{
    private const int AffinitySeconds = 3 * 60 * 60;

    public static void Apply(JsonObject spec)
    {
        foreach (var port in (spec["ports"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            if (port["targetPort"] is null || PlainJson.String(port["targetPort"]) is "" || PlainJson.Number(port["targetPort"]) is 0)
            {
                port["targetPort"] = port["port"]?.DeepClone();
            }
        }

        if (spec["sessionAffinity"]?.ToString() == "ClientIP" && spec["sessionAffinityConfig"] is null)
        {
            spec["sessionAffinityConfig"] = new JsonObject { ["clientIP"] = new JsonObject { ["timeoutSeconds"] = AffinitySeconds } };
        }

        var type = spec["type"]?.ToString();
        if (type == "ExternalName")
        {
            return;
        }

        Addresses(spec);
        spec.TryAdd("internalTrafficPolicy", "Cluster");
        if (type is "NodePort" or "LoadBalancer" || spec["externalIPs"] is JsonArray { Count: > 0 })
        {
            spec.TryAdd("externalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer")
        {
            spec.TryAdd("allocateLoadBalancerNodePorts", true);
        }
    }

    private static void Addresses(JsonObject spec)
    {
        var ip = PlainJson.String(spec["clusterIP"]);
        if (string.IsNullOrEmpty(ip) && spec["clusterIPs"] is JsonArray { Count: > 0 } all)
        {
            ip = PlainJson.String(all[0]);
            spec["clusterIP"] = ip;
        }

        if (!string.IsNullOrEmpty(ip) && spec["clusterIPs"] is not JsonArray { Count: > 0 })
        {
            spec["clusterIPs"] = new JsonArray(ip);
        }

        if (spec["ipFamilies"] is not JsonArray { Count: > 0 })
        {
            spec["ipFamilies"] = new JsonArray(ip?.Contains(':', StringComparison.Ordinal) == true ? "IPv6" : "IPv4");
        }

        spec.TryAdd("ipFamilyPolicy", "SingleStack");
    }
}
