using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>Server-side apply: every field has managers, and to take over another one's field takes force.</summary>
internal static class ServerSideApply
{
    /// <summary>The merged object, its <c>metadata.managedFields</c> included; <paramref name="current"/> stays as it is.</summary>
    /// <param name="current">Null where the object is created.</param>
    /// <exception cref="ApiException">409 with one cause a conflicting field; 400 where the configuration cannot be applied at all.</exception>
    public static JsonObject Apply(
        ResourceType type, JsonObject? current, JsonObject applied, string manager, bool force, string subresource, DateTimeOffset now)
    {
        applied = Reach(type, applied, subresource);
        AppliedFields.CheckLists(type.Schema, applied, "");
        var live = current?.DeepClone().AsObject() ?? [];
        (live["metadata"] as JsonObject)?.Remove("managedFields");

        var self = new FieldManager(manager, FieldManager.Apply, subresource, type.ApiVersion);
        var managed = ManagedFields.Read(current);
        var fields = ObjectFields.Of(type.Schema, applied);
        var merged = AppliedFields.Merge(type.Schema, live.DeepClone(), applied)!.AsObject();
        Forget(type, merged, managed, self, fields);

        var changes = ObjectFields.Compare(type.Schema, live, merged);
        var conflicts = ApplyConflicts.Find(managed, self, changes);
        if (!conflicts.IsEmpty && !force && !(manager == LastApplied.Kubectl && conflicts.Fields.Except(LastApplied.Fields(type.Schema, live)).IsEmpty))
        {
            throw conflicts.ToException(type, applied);
        }

        foreach (var other in managed.Managers.Where(other => other != self).ToArray())
        {
            managed.Reduce(other, managed.Of(other)!.Except(changes.Written).Except(changes.Removed));
        }

        if (manager == LastApplied.Kubectl && subresource.Length == 0)
        {
            LastApplied.Refresh(merged, applied);
        }

        var own = ObjectFields.Managed(type, fields, subresource);
        if (managed.Of(self) is not { } before || !before.SetEquals(own) || !managed.SetEquals(ManagedFields.Read(current)) || !IsSame(type, live, merged))
        {
            managed.Set(self, own, now);
        }

        managed.WriteTo(merged);
        return merged;
    }

    /// <summary>Notes in <c>metadata.managedFields</c> of <paramref name="after"/> what a write that was no apply has changed.</summary>
    /// <param name="before">Null where the object is created.</param>
    public static void Track(ResourceType type, JsonObject? before, JsonObject after, string manager, string subresource, DateTimeOffset now)
    {
        var managed = Given(before, after, subresource);
        (after["metadata"] as JsonObject)?.Remove("managedFields");
        var live = before?.DeepClone().AsObject() ?? [];
        (live["metadata"] as JsonObject)?.Remove("managedFields");

        var changes = ObjectFields.Compare(type.Schema, live, after);
        var written = ObjectFields.Managed(type, changes.Written, subresource);
        var removed = ObjectFields.Managed(type, changes.Removed, subresource);
        var self = new FieldManager(manager, FieldManager.Update, subresource, type.ApiVersion);
        if (!written.IsEmpty || !removed.IsEmpty)
        {
            foreach (var other in managed.Managers.Where(other => other != self).ToArray())
            {
                managed.Reduce(other, managed.Of(other)!.Except(written).Except(removed));
            }

            managed.Set(self, written.Union(managed.Of(self)).Except(removed), now);
        }

        managed.WriteTo(after);
    }

    /// <summary>
    /// A write may state managers itself, which is how kubectl turns client-side into server-side apply: <c>[]</c> or <c>[{}]</c> forgets all of them.
    /// Who leaves the field out has not meant to.
    /// </summary>
    private static ManagedFields Given(JsonObject? before, JsonObject after, string subresource)
    {
        var stated = after["metadata"]?["managedFields"] as JsonArray;
        if (subresource.Length > 0 || stated is null)
        {
            return ManagedFields.Read(before);
        }

        if (stated.Count == 0 || stated is [JsonObject { Count: 0 }])
        {
            return new ManagedFields();
        }

        var given = ManagedFields.Read(after);
        return given.Managers.Count > 0 ? given : ManagedFields.Read(before);
    }

    /// <summary>The part of a configuration that a write to this subresource reaches.</summary>
    private static JsonObject Reach(ResourceType type, JsonObject applied, string subresource)
    {
        if (applied["metadata"]?["managedFields"] is JsonArray { Count: > 0 })
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }

        applied = applied.DeepClone().AsObject();
        (applied["metadata"] as JsonObject)?.Remove("managedFields");
        if (subresource == "status")
        {
            foreach (var (name, _) in applied.ToArray())
            {
                if (name is not ("apiVersion" or "kind" or "metadata" or "status"))
                {
                    applied.Remove(name);
                }
            }

            var metadata = applied["metadata"] as JsonObject;
            foreach (var (name, _) in metadata?.ToArray() ?? [])
            {
                if (name is not ("name" or "namespace"))
                {
                    metadata!.Remove(name);
                }
            }
        }
        else if (type.HasStatus)
        {
            applied.Remove("status");
        }

        return applied;
    }

    /// <summary>Takes out what this manager applied before, does not apply now, and nobody else manages.</summary>
    private static void Forget(ResourceType type, JsonObject merged, ManagedFields managed, FieldManager self, FieldSet fields)
    {
        if (managed.Of(self) is not { } last)
        {
            return;
        }

        var kept = managed.Managers.Where(manager => manager != self).Aggregate(fields, (all, manager) => all.Union(managed.Of(manager)));
        AppliedFields.Remove(type.Schema, merged, AppliedFields.WithNamedFields(type.Schema, last).Except(kept.WithAncestors()));
    }

    /// <summary>
    /// Whether an object is the one it was. Lists that are one field arrive without the server's defaults, so that the same configuration looks like a
    /// change until they are filled in.
    /// </summary>
    private static bool IsSame(ResourceType type, JsonObject live, JsonObject merged)
    {
        var filled = merged.DeepClone().AsObject();
        Defaulting.Apply(type.Schema, filled);
        return JsonNode.DeepEquals(live, filled);
    }
}
