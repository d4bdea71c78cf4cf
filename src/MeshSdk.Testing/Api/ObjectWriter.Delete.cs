using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

internal sealed partial class ObjectWriter
{
    /// <summary>
    /// Deletes an object, at once or, where finalizers or a grace period hold it, later. A Pod that is given a grace period goes when that is over,
    /// in place of the kubelet that there is none of; a Pod that is given none goes at once, as one does whose process ends when told.
    /// </summary>
    /// <exception cref="ApiException">404 where there is none, 409 where a precondition fails.</exception>
    public DeleteResult Delete(ResourceType type, string? ns, string name, DeleteOptions options)
    {
        lock (_gate)
        {
            KindRules.CheckDeletable(type, name);
            var stored = Require(type, ns, name);
            var content = stored.Parse(type);
            CheckPreconditions(type, stored, content, options.Uid, options.ResourceVersion);
            var grace = type is { Group: "", Plural: "pods" } ? options.GracePeriod ?? 0 : 0;
            if (grace <= 0 && !KindRules.HasFinalizers(type, content))
            {
                if (!options.IsDryRun)
                {
                    Remove(type, stored, content);
                }

                return new(stored, null);
            }

            if (KindRules.IsTerminating(content))
            {
                return new(stored, stored);
            }

            KindRules.Terminate(type, content, Now, Math.Max(grace, 0));
            var remaining = options.IsDryRun ? StoredObject.Encode(type, content, stored.Revision) : store.Put(type, content);
            if (grace > 0 && !options.IsDryRun)
            {
                RemoveLater(type, stored.Key, content.Metadata().Text("uid"), TimeSpan.FromSeconds(grace));
            }

            return new(stored, remaining);
        }
    }

    private void Remove(ResourceType type, StoredObject stored, JsonObject content)
    {
        store.Remove(CollectionId.Of(type), stored.Key);
        if (KindRules.IsDefinition(type))
        {
            _definitions.Remove(content);
        }
        else if (KindRules.IsNamespace(type))
        {
            // A controller has emptied it by now; where none runs, nothing may be left that no request can reach.
            foreach (var (id, key) in store.InNamespace(stored.Key.Name))
            {
                store.Remove(id, key);
            }
        }
    }

    private void RemoveLater(ResourceType type, ObjectKey key, string? uid, TimeSpan grace)
    {
        // Only the timer knows itself, so it is disposed from within; until then its own queue keeps it alive.
        var timer = new StrongBox<ITimer?>();
        timer.Value = time.CreateTimer(
            _ =>
            {
                timer.Value?.Dispose();
                lock (_gate)
                {
                    if (store.Find(CollectionId.Of(type), key) is { } stored && stored.Parse(type) is var content
                        && content.Metadata().Text("uid") == uid && !KindRules.HasFinalizers(type, content))
                    {
                        Remove(type, stored, content);
                    }
                }
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Value.Change(grace, Timeout.InfiniteTimeSpan);
    }
}
