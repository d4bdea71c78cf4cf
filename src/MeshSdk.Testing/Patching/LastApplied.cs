using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>
/// The annotation of client-side <c>kubectl apply</c>. Who goes over to <c>kubectl apply --server-side</c> is not to run into conflicts with himself, and
/// may go back.
/// </summary>
internal static class LastApplied
{
    public const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The field manager of <c>kubectl apply --server-side</c>, unless the user names another.</summary>
    public const string Kubectl = "kubectl";

    /// <summary>Fields that client-side apply has set and that nobody has changed since.</summary>
    public static FieldSet Fields(SchemaNode schema, JsonObject live)
    {
        if (Text(live) is not { } text)
        {
            return new FieldSet();
        }

        JsonObject last;
        try
        {
            last = JsonNode.Parse(text) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return new FieldSet();
        }

        // Only what stands in the annotation is compared, with the defaults that the server has given it.
        Defaulting.Apply(schema, last);
        var merged = AppliedFields.Merge(schema, live.DeepClone(), last);
        return ObjectFields.Of(schema, last).Except(ObjectFields.Compare(schema, live, merged).Written);
    }

    /// <summary>Keeps the annotation of an object that has one in step with what is applied.</summary>
    public static void Refresh(JsonObject merged, JsonObject applied)
    {
        if (Text(merged) is null)
        {
            return;
        }

        var last = applied.DeepClone().AsObject();
        if (last["metadata"]?["annotations"] is JsonObject annotations)
        {
            annotations.Remove(Annotation);
        }

        merged["metadata"]!["annotations"]![Annotation] = PlainJson.Text(last) + "\n";
    }

    private static string? Text(JsonObject content) => PlainJson.String(content["metadata"]?["annotations"]?[Annotation]);
}
