using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

internal sealed partial class ObjectWriter
{
    private const string Stale = "the object has been modified; please apply your changes to the latest version and try again";

    /// <summary>Replaces an object, or the part of it that the subresource is.</summary>
    /// <exception cref="ApiException">409 where the object has changed since the version that <paramref name="content"/> names.</exception>
    public WriteResult Update(ResourceType type, string? ns, string name, JsonObject content, WriteOptions options)
    {
        lock (_gate)
        {
            CheckType(type, content);
            var stored = Require(type, ns, name);
            var metadata = content.Metadata();
            if (metadata.Text("name") is { Length: > 0 } stated && stated != name)
            {
                throw ApiException.BadRequest($"the name of the object ({stated}) does not match the name on the URL ({name})");
            }

            if (type.IsCustom && metadata.Text("resourceVersion") is null or "")
            {
                throw Invalid(type, name, "metadata.resourceVersion", "Invalid value: 0x0: must be specified for an update");
            }

            metadata["name"] = name;
            PlaceInNamespace(type, ns, metadata);
            return Replace(type, stored, content, options, isApply: false);
        }
    }

    /// <param name="proposed">The whole object as somebody would have it.</param>
    /// <param name="isApply">The field managers are already noted.</param>
    private WriteResult Replace(ResourceType type, StoredObject stored, JsonObject proposed, WriteOptions options, bool isApply)
    {
        var before = stored.Parse(type);
        CheckPreconditions(type, stored, before, proposed.Metadata().Text("uid"), proposed.Metadata().Text("resourceVersion"));
        var after = options.Subresource.Length == 0 ? Whole(type, before, proposed) : Part(before, proposed, options.Subresource, isApply);
        var warnings = Complete(type, before, after, options);
        if (!isApply)
        {
            semantics.Track(type, before, after, options.Manager, options.Subresource, Now);
        }

        return new(Finish(type, stored, before, after, options.IsDryRun), IsCreated: false, warnings);
    }

    private StoredObject Finish(ResourceType type, StoredObject stored, JsonObject before, JsonObject after, bool isDryRun)
    {
        ObjectStamp.CountGeneration(type, before, after);
        if (ObjectStamp.IsSame(before, after))
        {
            return stored;
        }

        if (KindRules.IsTerminating(after) && KindRules.HasFinalizers(type, before) && !KindRules.HasFinalizers(type, after))
        {
            if (!isDryRun)
            {
                Remove(type, stored, after);
            }

            return StoredObject.Encode(type, after, isDryRun ? stored.Revision : store.Revision);
        }

        return Commit(type, before, after, isDryRun);
    }

    private static JsonObject Whole(ResourceType type, JsonObject before, JsonObject proposed)
    {
        var after = proposed.DeepClone().AsObject();
        ObjectStamp.Restore(after.Metadata(), before.Metadata());
        if (type.HasStatus)
        {
            after.TakeFrom(before, "status");
        }

        CheckFinalizers(type, before, after);
        return after;
    }

    private static JsonObject Part(JsonObject before, JsonObject proposed, string subresource, bool isApply)
    {
        var after = before.DeepClone().AsObject();
        if (subresource == "status")
        {
            after.TakeFrom(proposed, "status");
        }
        else if (subresource == "finalize")
        {
            var spec = after.Object("spec") ?? [];
            spec.TakeFrom(proposed.Object("spec") ?? [], "finalizers");
            after["spec"] = spec.Parent is null ? spec : after["spec"];
        }

        if (isApply)
        {
            after.Metadata().TakeFrom(proposed.Metadata(), "managedFields");
        }

        return after;
    }

    private static void CheckPreconditions(ResourceType type, StoredObject stored, JsonObject before, string? uid, string? version)
    {
        var name = stored.Key.Name;
        if (uid is { Length: > 0 } && uid != before.Metadata().Text("uid"))
        {
            throw ApiException.Conflict(
                type, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.Metadata().Text("uid")}");
        }

        if (version is { Length: > 0 } && version != stored.Revision.ToString(CultureInfo.InvariantCulture))
        {
            throw ApiException.Conflict(type, name, Stale);
        }
    }

    private static void CheckFinalizers(ResourceType type, JsonObject before, JsonObject after)
    {
        var added = KindRules.IsTerminating(before) ? after.Metadata().Texts("finalizers").Except(before.Metadata().Texts("finalizers")).ToArray() : [];
        if (added.Length > 0)
        {
            throw Invalid(
                type, before.Metadata().Text("name") ?? "", "metadata.finalizers",
                $"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers {string.Join(", ", added)}",
                "FieldValueForbidden");
        }
    }
}
