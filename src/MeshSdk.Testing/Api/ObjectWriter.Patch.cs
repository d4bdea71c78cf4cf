using System.Text.Json.Nodes;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

internal sealed partial class ObjectWriter
{
    /// <summary>Changes an object by a JSON, merge or strategic merge patch.</summary>
    /// <exception cref="ApiException">404 where there is none; all that a patch or an update can be refused for.</exception>
    public WriteResult Patch(ResourceType type, string? ns, string name, string mediaType, ReadOnlyMemory<byte> patch, WriteOptions options)
    {
        lock (_gate)
        {
            var stored = Require(type, ns, name);
            var patched = semantics.Patch(type, mediaType, stored.Parse(type), patch);
            CheckType(type, patched);
            if (patched.Metadata().Text("name") != name)
            {
                throw ApiException.BadRequest($"the name of the object ({patched.Metadata().Text("name")}) does not match the name on the URL ({name})");
            }

            PlaceInNamespace(type, ns, patched.Metadata());
            return Replace(type, stored, patched, options, isApply: false);
        }
    }

    /// <summary>Server-side apply, which creates the object where there is none.</summary>
    /// <exception cref="ApiException">409 with a cause for each field that another manager holds; all that a write can be refused for.</exception>
    public WriteResult Apply(ResourceType type, string? ns, string name, JsonObject applied, WriteOptions options)
    {
        lock (_gate)
        {
            CheckType(type, applied);
            var metadata = applied.Metadata();
            if (metadata.Text("name") is { Length: > 0 } stated && stated != name)
            {
                throw ApiException.BadRequest($"the name of the object ({stated}) does not match the name on the URL ({name})");
            }

            if (metadata["managedFields"] is JsonArray { Count: > 0 })
            {
                throw ApiException.BadRequest("metadata.managedFields must be nil");
            }

            metadata["name"] = name;
            metadata.Remove("managedFields");
            PlaceInNamespace(type, ns, metadata);
            return store.Find(CollectionId.Of(type), new(ns ?? "", name)) is { } stored
                ? ApplyTo(type, stored, applied, options)
                : ApplyNew(type, ns, name, applied, options);
        }
    }

    private WriteResult ApplyTo(ResourceType type, StoredObject stored, JsonObject applied, WriteOptions options)
    {
        var before = stored.Parse(type);

        // A version or uid in what is applied is a precondition, not a field to be owned.
        CheckPreconditions(type, stored, before, applied.Metadata().Text("uid"), applied.Metadata().Text("resourceVersion"));
        WithoutServersOwn(applied);
        var merged = semantics.Apply(type, before, applied, options.Manager, options.Force, options.Subresource, Now);
        return Replace(type, stored, merged, options, isApply: true);
    }

    private WriteResult ApplyNew(ResourceType type, string? ns, string name, JsonObject applied, WriteOptions options)
    {
        if (options.Subresource.Length > 0)
        {
            throw ApiException.NotFound(type, name);
        }

        if (applied.Metadata().Text("uid") is { Length: > 0 } uid)
        {
            throw ApiException.Conflict(type, name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }

        WithoutServersOwn(applied);
        return Create(
            type, ns, semantics.Apply(type, null, applied, options.Manager, options.Force, "", Now), options, isApply: true);
    }

    private static void WithoutServersOwn(JsonObject applied)
    {
        foreach (var name in (string[])["uid", "resourceVersion", "creationTimestamp", "generation", "deletionTimestamp", "selfLink"])
        {
            applied.Metadata().Remove(name);
        }
    }
}
