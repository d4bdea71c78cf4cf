using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>Defaults of built-in kinds that depend on other fields, which a schema cannot say. Types have been checked before.</summary>
internal static class BuiltInDefaults
{
    public static void Apply(ResourceType type, JsonObject content)
    {
        switch (type.Group, type.Kind)
        {
            case ("", "Namespace"):
                Namespace(content);
                break;
            case ("", "Service") when content["spec"] is JsonObject spec:
                ServiceDefaults.Apply(spec);
                break;
            case ("", "Pod") when content["spec"] is JsonObject spec:
                spec.TryAdd("serviceAccountName", "default");
                Pod(spec);
                break;
            case ("", "Secret"):
                Secret(content);
                break;
            case ("apps", _) when content["spec"] is JsonObject spec:
                Workload(spec);
                break;
            case ("rbac.authorization.k8s.io", _):
                Subjects(content);
                break;
            case ("apiextensions.k8s.io", _) when content["spec"] is JsonObject spec:
                Names(spec);
                break;
        }
    }

    private static void Namespace(JsonObject content)
    {
        if (content["metadata"] is JsonObject metadata && PlainJson.String(metadata["name"]) is { } name)
        {
            metadata.TryAdd("labels", new JsonObject());
            metadata["labels"]!.AsObject().TryAdd("kubernetes.io/metadata.name", name);
        }
    }

    private static void Pod(JsonObject spec)
    {
        if (PlainJson.String(spec["serviceAccountName"]) is { } account)
        {
            spec["serviceAccount"] = account;
        }

        foreach (var container in Items(spec, "containers").Concat(Items(spec, "initContainers")))
        {
            if (PlainJson.String(container["image"]) is { } image)
            {
                container.TryAdd("imagePullPolicy", IsLatest(image) ? "Always" : "IfNotPresent");
            }

            if (container["resources"] is JsonObject resources && resources["limits"] is JsonObject limits)
            {
                resources.TryAdd("requests", new JsonObject());
                foreach (var (name, limit) in limits)
                {
                    resources["requests"]!.AsObject().TryAdd(name, limit?.DeepClone());
                }
            }

            foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
            {
                (container[probe]?["httpGet"] as JsonObject)?.TryAdd("path", "/");
            }
        }
    }

    private static bool IsLatest(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !name.Contains('@', StringComparison.Ordinal) && (!name.Contains(':', StringComparison.Ordinal) || name.EndsWith(":latest", StringComparison.Ordinal));
    }

    private static void Secret(JsonObject content)
    {
        if (content["stringData"] is not JsonObject texts)
        {
            return;
        }

        content.Remove("stringData");
        content.TryAdd("data", new JsonObject());
        foreach (var (name, text) in texts)
        {
            content["data"]![name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(PlainJson.String(text) ?? ""));
        }
    }

    private static void Workload(JsonObject spec)
    {
        if (spec["strategy"] is JsonObject strategy && strategy["type"]?.ToString() == "RollingUpdate")
        {
            strategy.TryAdd("rollingUpdate", new JsonObject());
            strategy["rollingUpdate"]!.AsObject().TryAdd("maxSurge", "25%");
            strategy["rollingUpdate"]!.AsObject().TryAdd("maxUnavailable", "25%");
        }

        if (spec["template"]?["spec"] is JsonObject pod)
        {
            Pod(pod);
        }
    }

    private static void Subjects(JsonObject content)
    {
        foreach (var subject in Items(content, "subjects"))
        {
            if (subject["kind"]?.ToString() is "User" or "Group")
            {
                subject.TryAdd("apiGroup", "rbac.authorization.k8s.io");
            }
        }
    }

    private static void Names(JsonObject spec)
    {
        if (spec["names"] is JsonObject names && PlainJson.String(names["kind"]) is { } kind)
        {
            names.TryAdd("singular", kind.ToLowerInvariant());
            names.TryAdd("listKind", kind + "List");
        }
    }

    private static IEnumerable<JsonObject> Items(JsonObject content, string name) => (content[name] as JsonArray)?.OfType<JsonObject>() ?? [];
}
