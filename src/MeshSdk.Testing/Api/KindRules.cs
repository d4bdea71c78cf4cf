using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Api;

/// <summary>What the strategies of built-in kinds do beyond their schema when an object is created or deleted.</summary>
internal static class KindRules
{
    private static readonly string[] LastingNamespaces = ["default", "kube-system", "kube-public"];

    public static bool IsNamespace(ResourceType type) => type is { Group: "", Plural: "namespaces" };

    public static bool IsDefinition(ResourceType type) => type is { Group: "apiextensions.k8s.io", Plural: "customresourcedefinitions" };

    /// <param name="hasFinalizer">Whether a controller empties namespaces before they go.</param>
    public static void OnCreate(ResourceType type, JsonObject content, bool hasFinalizer)
    {
        if (IsNamespace(type))
        {
            var metadata = content.Metadata();
            var labels = metadata.Object("labels") ?? [];
            labels["kubernetes.io/metadata.name"] = metadata.Text("name");
            metadata["labels"] = labels.Parent is null ? labels : metadata["labels"];
            if (hasFinalizer)
            {
                content["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
            }

            content["status"] = new JsonObject { ["phase"] = "Active" };
        }
        else if (type is { Group: "", Plural: "pods" })
        {
            content["status"] ??= new JsonObject { ["phase"] = "Pending" };
        }
    }

    /// <exception cref="ApiException">403: the object is one that a cluster cannot be without.</exception>
    public static void CheckDeletable(ResourceType type, string name)
    {
        if (IsNamespace(type) && LastingNamespaces.Contains(name))
        {
            throw new ApiException(403, "Forbidden", $"namespaces \"{name}\" is forbidden: this namespace may not be deleted")
            {
                Details = ApiException.DetailsOf(type, name),
            };
        }
    }

    public static bool HasFinalizers(ResourceType type, JsonObject content) =>
        content.Metadata().Texts("finalizers").Count > 0 || (IsNamespace(type) && content.Object("spec")?.Texts("finalizers").Count > 0);

    public static bool IsTerminating(JsonObject content) => content.Metadata().Text("deletionTimestamp") is not null;

    /// <summary>Marks an object as one that is to go.</summary>
    public static void Terminate(ResourceType type, JsonObject content, DateTimeOffset now, long grace)
    {
        var metadata = content.Metadata();
        metadata["deletionTimestamp"] = ObjectStamp.Time(now.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (metadata.Number("generation") is { } generation)
        {
            metadata["generation"] = generation + 1;
        }

        if (IsNamespace(type))
        {
            content["status"] = new JsonObject { ["phase"] = "Terminating" };
        }
    }
}
