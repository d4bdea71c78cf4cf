using System.Text.Json.Nodes;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

/// <summary>
/// The way of every write: who owns which part of the metadata, defaults and validation, admission, field managers, the version check, the store.
/// Writes go one after the other: what admission has seen (which addresses are taken, say) is still so when the object is stored.
/// </summary>
internal sealed partial class ObjectWriter(
    IObjectSemantics semantics, ResourceStore store, TimeProvider time, bool hasNamespaceController)
{
    private readonly Lock _gate = new();
    private readonly Definitions _definitions = new(semantics, store, time);

    /// <summary>Set once, before the first write: admissions look at the objects that are there, and so know the writer.</summary>
    public IReadOnlyList<IAdmission> Admissions { get; set; } = [];

    private DateTimeOffset Now => time.GetUtcNow();

    private StoredObject Require(ResourceType type, string? ns, string name) =>
        store.Find(CollectionId.Of(type), new(ns ?? "", name)) ?? throw ApiException.NotFound(type, name);

    /// <summary>Defaults, validation, and, of an object itself, admission.</summary>
    private IReadOnlyList<string> Complete(ResourceType type, JsonObject? before, JsonObject after, WriteOptions options)
    {
        var warnings = semantics.Prepare(type, after, options.Validation);
        if (options.Subresource.Length == 0)
        {
            foreach (var admission in Admissions)
            {
                admission.Admit(type, before, after);
            }
        }

        return warnings;
    }

    private StoredObject Commit(ResourceType type, JsonObject? before, JsonObject after, bool isDryRun)
    {
        if (KindRules.IsDefinition(type))
        {
            _definitions.Establish(after, before, isDryRun);
        }

        return isDryRun ? StoredObject.Encode(type, after, VersionOf(before)) : store.Put(type, after);
    }

    private static long VersionOf(JsonObject? content) =>
        long.TryParse(content?.Metadata().Text("resourceVersion"), out var version) ? version : 0;

    /// <summary>An object says itself what it is, and that has to be what the request was sent to.</summary>
    private static void CheckType(ResourceType type, JsonObject content)
    {
        var (apiVersion, kind) = (content.Text("apiVersion"), content.Text("kind"));
        if (type.IsCustom && string.IsNullOrEmpty(kind))
        {
            throw ApiException.BadRequest("Object 'Kind' is missing in the request's body");
        }

        if (type.IsCustom && string.IsNullOrEmpty(apiVersion))
        {
            throw ApiException.BadRequest("Object 'apiVersion' is missing in the request's body");
        }

        if (!string.IsNullOrEmpty(kind) && kind != type.Kind)
        {
            throw ApiException.BadRequest($"{kind} in version \"{apiVersion}\" cannot be handled as a {type.Kind}");
        }

        if (!string.IsNullOrEmpty(apiVersion) && apiVersion != type.ApiVersion)
        {
            throw ApiException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({type.ApiVersion})");
        }

        if (content["metadata"] is not (null or JsonObject))
        {
            throw ApiException.BadRequest($"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: metadata is no object");
        }

        content["apiVersion"] = type.ApiVersion;
        content["kind"] = type.Kind;
    }

    /// <summary>The namespace of the request is that of the object, which need not repeat it.</summary>
    private static void PlaceInNamespace(ResourceType type, string? ns, JsonObject metadata)
    {
        if (!type.IsNamespaced)
        {
            metadata.Remove("namespace");
            return;
        }

        if (metadata.Text("namespace") is { Length: > 0 } stated && stated != ns)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        metadata["namespace"] = ns;
    }

    private static ApiException Invalid(ResourceType type, string name, string field, string problem, string reason = "FieldValueInvalid")
    {
        var details = ApiException.DetailsOf(type, name);
        details["kind"] = type.Kind;
        details["causes"] = new JsonArray(new JsonObject { ["reason"] = reason, ["message"] = problem, ["field"] = field });
        var kind = type.Group.Length == 0 ? type.Kind : $"{type.Kind}.{type.Group}";
        return new(422, "Invalid", $"{kind} \"{name}\" is invalid: {field}: {problem}") { Details = details };
    }
}
