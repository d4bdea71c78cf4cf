using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

/// <summary>Makes a stored CustomResourceDefinition a served kind, and a deleted one an unserved one.</summary>
internal sealed class Definitions(IObjectSemantics semantics, ResourceStore store, TimeProvider time)
{
    /// <summary>Takes the kind into service and says so in the status, at once: nothing here takes the time that a real cluster takes.</summary>
    /// <exception cref="ApiException">The definition cannot be used.</exception>
    public void Establish(JsonObject definition, JsonObject? before, bool isDryRun)
    {
        // A status or a label says nothing of the kind; to define it again would only make all clients read discovery again.
        if (!isDryRun && (before is null || !JsonNode.DeepEquals(before["spec"], definition["spec"])))
        {
            semantics.Define(definition);
        }

        var spec = definition.Object("spec") ?? [];
        var status = definition.Object("status") ?? [];
        definition["status"] = new JsonObject
        {
            ["acceptedNames"] = spec["names"]?.DeepClone(),
            ["conditions"] = new JsonArray(
                Condition(status, "NamesAccepted", "NoConflicts", "no conflicts found"),
                Condition(status, "Established", "InitialNamesAccepted", "the initial names have been accepted")),
            ["storedVersions"] = new JsonArray([.. StoredVersions(spec, status).Select(version => JsonValue.Create(version))]),
        };
    }

    /// <summary>Takes the kind out of service, with all its objects, unless the server knows it without a definition.</summary>
    public void Remove(JsonObject definition)
    {
        var spec = definition.Object("spec") ?? [];
        var id = new CollectionId(spec.Text("group") ?? "", spec.Object("names")?.Text("plural") ?? "");
        semantics.Undefine(definition.Metadata().Text("name") ?? "");
        store.RemoveAll(id);
    }

    private static IEnumerable<string> StoredVersions(JsonObject spec, JsonObject status) => status.Texts("storedVersions").Union(
        (spec["versions"] as JsonArray)?.OfType<JsonObject>()
            .Where(version => version["storage"]?.GetValueKind() == JsonValueKind.True)
            .Select(version => version.Text("name") ?? "") ?? []);

    private JsonObject Condition(JsonObject status, string type, string reason, string message) => new()
    {
        ["lastTransitionTime"] = Find(status, type)?.Text("lastTransitionTime") ?? ObjectStamp.Time(time.GetUtcNow()),
        ["message"] = message,
        ["reason"] = reason,
        ["status"] = "True",
        ["type"] = type,
    };

    private static JsonObject? Find(JsonObject status, string type) =>
        (status["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == type);
}
