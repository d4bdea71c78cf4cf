using System.Text.Json.Nodes;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

internal sealed partial class ObjectWriter
{
    private const int NameAttempts = 8;

    /// <exception cref="ApiException">The object is refused.</exception>
    public WriteResult Create(ResourceType type, string? ns, JsonObject content, WriteOptions options)
    {
        lock (_gate)
        {
            CheckType(type, content);
            if (content.Metadata().Text("resourceVersion") is { Length: > 0 })
            {
                throw ApiException.BadRequest("resourceVersion should not be set on objects to be created");
            }

            return Create(type, ns, content, options, isApply: false);
        }
    }

    /// <param name="isApply">The field managers are already noted.</param>
    private WriteResult Create(ResourceType type, string? ns, JsonObject content, WriteOptions options, bool isApply)
    {
        var metadata = content.Metadata();
        PlaceInNamespace(type, ns, metadata);
        var name = NameOf(type, metadata);
        CheckNamespace(type, ns, name);
        if (store.Find(CollectionId.Of(type), new(ns ?? "", name)) is not null)
        {
            throw ApiException.AlreadyExists(type, name);
        }

        ObjectStamp.New(type, metadata, Now);
        if (type.HasStatus)
        {
            content.Remove("status");
        }

        KindRules.OnCreate(type, content, hasNamespaceController);
        var warnings = Complete(type, null, content, options);
        if (!isApply)
        {
            metadata.Remove("managedFields");
            semantics.Track(type, null, content, options.Manager, "", Now);
        }

        return new(Commit(type, null, content, options.IsDryRun), IsCreated: true, warnings);
    }

    private string NameOf(ResourceType type, JsonObject metadata)
    {
        if (metadata.Text("name") is { Length: > 0 } name)
        {
            return name;
        }

        if (metadata.Text("generateName") is not { Length: > 0 } prefix)
        {
            throw Invalid(type, "", "metadata.name", "Required value: name or generateName is required", "FieldValueRequired");
        }

        for (var attempt = 0; attempt < NameAttempts; attempt++)
        {
            name = ObjectStamp.GenerateName(prefix);
            if (store.Find(CollectionId.Of(type), new(metadata.Text("namespace") ?? "", name)) is null)
            {
                metadata["name"] = name;
                return name;
            }
        }

        throw ApiException.AlreadyExists(type, prefix);
    }

    private void CheckNamespace(ResourceType type, string? ns, string name)
    {
        if (!type.IsNamespaced || ns is null)
        {
            return;
        }

        if (store.Find(new("", "namespaces"), new("", ns)) is not { } stored)
        {
            throw new ApiException(404, "NotFound", $"namespaces \"{ns}\" not found")
            {
                Details = new() { ["name"] = ns, ["kind"] = "namespaces" },
            };
        }

        if (KindRules.IsTerminating(stored.Parse(type)))
        {
            var details = ApiException.DetailsOf(type, name);
            details["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "NamespaceTerminating",
                ["message"] = $"namespace {ns} is being terminated",
                ["field"] = "metadata.namespace",
            });
            throw new ApiException(
                403, "Forbidden",
                $"{type.QualifiedPlural} \"{name}\" is forbidden: unable to create new content in namespace {ns} because it is being terminated")
            {
                Details = details,
            };
        }
    }
}
