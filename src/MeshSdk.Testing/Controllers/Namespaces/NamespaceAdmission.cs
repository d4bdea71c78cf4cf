using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.Namespaces;

/// <summary>Gives every Namespace its finalizer, its phase and the label with its name.</summary>
internal sealed class NamespaceAdmission : IAdmission
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    public void Admit(ResourceType type, JsonObject? before, JsonObject after)
    {
        if (type is not { Group: "", Plural: "namespaces" })
        {
            return;
        }

        Part(Part(after, "metadata"), "labels")[NameLabel] = after.Name();
        var isTerminating = after.IsTerminating();

        // Only the namespace's end takes finalizers away: whoever replaces the object seldom writes them.
        if (!isTerminating && !NamespaceFinalizers.Hold(after))
        {
            Part(after, "spec")["finalizers"] = before.At("spec", "finalizers")?.DeepClone() ?? new JsonArray(NamespaceFinalizers.Kubernetes);
        }

        Part(after, "status")["phase"] = isTerminating ? "Terminating" : "Active";
    }

    private static JsonObject Part(JsonObject content, string name)
    {
        if (content[name] is not JsonObject part)
        {
            content[name] = part = [];
        }

        return part;
    }
}
