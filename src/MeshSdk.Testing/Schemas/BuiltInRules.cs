using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>Rules of built-in kinds that a schema cannot say; those that people run into.</summary>
internal static partial class BuiltInRules
{
    public static void Check(ResourceType type, JsonObject content, FieldErrors errors)
    {
        switch (type.Group, type.Kind)
        {
            case ("", "Service") when content["spec"] is JsonObject spec:
                Service(spec, errors);
                break;
            case ("", "Pod") when content["spec"] is JsonObject spec:
                Pod(spec, "spec", errors);
                break;
            case ("apps", _) when content["spec"] is JsonObject spec:
                Workload(spec, errors);
                break;
            case ("discovery.k8s.io", _):
                Slice(content, errors);
                break;
        }
    }

    private static void Service(JsonObject spec, FieldErrors errors)
    {
        var ports = spec["ports"] as JsonArray ?? [];
        if (ports.Count == 0 && spec["type"]?.ToString() != "ExternalName" && spec["clusterIP"]?.ToString() != "None")
        {
            errors.Required("spec.ports");
        }

        if (spec["type"]?.ToString() == "ExternalName" && string.IsNullOrEmpty(PlainJson.String(spec["externalName"])))
        {
            errors.Required("spec.externalName");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var field = $"spec.ports[{i}].name";
            var name = PlainJson.String(ports[i]?["name"]) ?? "";
            if (name.Length == 0)
            {
                if (ports.Count > 1)
                {
                    errors.Required(field);
                }
            }
            else if (name.Length > 63 || !Label().IsMatch(name))
            {
                errors.Invalid(field, name, "must be a lowercase RFC 1123 label of at most 63 characters");
            }
            else if (!names.Add(name))
            {
                errors.Duplicate(field, name);
            }
        }
    }

    private static void Pod(JsonObject spec, string path, FieldErrors errors)
    {
        var containers = spec["containers"] as JsonArray ?? [];
        if (spec["containers"] is JsonArray { Count: 0 })
        {
            errors.Required($"{path}.containers");
        }

        for (var i = 0; i < containers.Count; i++)
        {
            if (string.IsNullOrEmpty(PlainJson.String(containers[i]?["image"])))
            {
                errors.Required($"{path}.containers[{i}].image");
            }

            if (PlainJson.String(containers[i]?["name"]) is { } name && (name.Length > 63 || !Label().IsMatch(name)))
            {
                errors.Invalid($"{path}.containers[{i}].name", name, "must be a lowercase RFC 1123 label of at most 63 characters");
            }
        }
    }

    private static void Workload(JsonObject spec, FieldErrors errors)
    {
        var labels = spec["template"]?["metadata"]?["labels"] as JsonObject ?? [];
        foreach (var (name, value) in spec["selector"]?["matchLabels"] as JsonObject ?? [])
        {
            if (!JsonNode.DeepEquals(labels[name], value))
            {
                errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
                break;
            }
        }

        if (spec["template"]?["spec"] is JsonObject pod)
        {
            Pod(pod, "spec.template.spec", errors);
        }
    }

    private static void Slice(JsonObject content, FieldErrors errors)
    {
        var family = content["addressType"]?.ToString() switch
        {
            "IPv4" => AddressFamily.InterNetwork,
            "IPv6" => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        var endpoints = content["endpoints"] as JsonArray ?? [];
        for (var i = 0; family != AddressFamily.Unspecified && i < endpoints.Count; i++)
        {
            var addresses = endpoints[i]?["addresses"] as JsonArray ?? [];
            for (var k = 0; k < addresses.Count; k++)
            {
                if (!IPAddress.TryParse(PlainJson.String(addresses[k]), out var address) || address.AddressFamily != family)
                {
                    errors.Invalid($"endpoints[{i}].addresses[{k}]", addresses[k], $"must be a valid {content["addressType"]} address");
                }
            }
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
