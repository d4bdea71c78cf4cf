using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

internal sealed partial class ObjectWriter
{
    private static readonly WriteOptions SystemOptions = new() { Manager = "meshsdk-testing", Validation = FieldValidation.Ignore };

    /// <summary>
    /// The way of the server's own parts: creates or replaces the whole object with its status and, where the content has one, its deletionTimestamp,
    /// whatever version is there.
    /// </summary>
    public JsonObject Put(ResourceType type, JsonObject content)
    {
        lock (_gate)
        {
            var after = content.DeepClone().AsObject();
            CheckType(type, after);
            var metadata = after.Metadata();
            var ns = type.IsNamespaced ? metadata.Text("namespace") ?? "default" : null;
            PlaceInNamespace(type, ns, metadata);
            var stored = store.Find(CollectionId.Of(type), new(ns ?? "", metadata.Text("name") ?? ""));
            return (stored is null ? PutNew(type, ns, after) : PutOver(type, stored, after)).Parse(type);
        }
    }

    /// <summary>The same for an object that is there, in one step with the look at it; null where there is none of the uid.</summary>
    public JsonObject? Put(ResourceType type, string? ns, string name, string uid, Action<JsonObject> change)
    {
        lock (_gate)
        {
            if (store.Find(CollectionId.Of(type), new(ns ?? "", name)) is not { } stored || stored.Parse(type) is not { } content
                || content.Metadata().Text("uid") != uid)
            {
                return null;
            }

            change(content);
            return PutOver(type, stored, content).Parse(type);
        }
    }

    private StoredObject PutNew(ResourceType type, string? ns, JsonObject after)
    {
        var metadata = after.Metadata();
        CheckNamespace(type, ns, NameOf(type, metadata));
        var deletion = metadata["deletionTimestamp"]?.DeepClone();
        ObjectStamp.New(type, metadata, Now);
        if (deletion is not null)
        {
            metadata["deletionTimestamp"] = deletion;
        }

        KindRules.OnCreate(type, after, hasNamespaceController);
        Complete(type, null, after, SystemOptions);
        semantics.Track(type, null, after, SystemOptions.Manager, "", Now);
        return Commit(type, null, after, isDryRun: false);
    }

    private StoredObject PutOver(ResourceType type, StoredObject stored, JsonObject after)
    {
        var before = stored.Parse(type);
        var metadata = after.Metadata();
        var deletion = metadata["deletionTimestamp"]?.DeepClone();
        var grace = metadata["deletionGracePeriodSeconds"]?.DeepClone();
        ObjectStamp.Restore(metadata, before.Metadata());
        if (deletion is not null)
        {
            metadata["deletionTimestamp"] = deletion;
            metadata["deletionGracePeriodSeconds"] = grace;
        }

        Complete(type, before, after, SystemOptions);
        semantics.Track(type, before, after, SystemOptions.Manager, "", Now);
        return Finish(type, stored, before, after, isDryRun: false);
    }
}
