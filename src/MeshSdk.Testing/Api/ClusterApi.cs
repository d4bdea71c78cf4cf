using System.Text.Json.Nodes;
using System.Threading.Channels;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Api;

/// <summary>The store as the server's own parts see it.</summary>
internal sealed class ClusterApi(ResourceCatalog catalog, ResourceStore store, ObjectWriter writer) : IClusterApi
{
    public JsonObject? Get(string group, string plural, string? ns, string name) =>
        catalog.Preferred(group, plural) is { } type ? store.Find(new(group, plural), new(ns ?? "", name))?.Parse(type) : null;

    public IReadOnlyList<JsonObject> List(string group, string plural, string? ns = null) =>
        catalog.Preferred(group, plural) is { } type
            ? [.. store.Read(new(group, plural)).Objects.Values.Where(stored => ns is null || stored.Key.Namespace == ns).Select(stored => stored.Parse(type))]
            : [];

    public JsonObject Put(string group, string plural, JsonObject content) => writer.Put(catalog.Require(group, plural), content);

    public JsonObject? Update(string group, string plural, string? ns, string name, string uid, Action<JsonObject> change) =>
        writer.Put(catalog.Require(group, plural), ns, name, uid, change);

    public bool Delete(string group, string plural, string? ns, string name)
    {
        if (catalog.Preferred(group, plural) is not { } type || store.Find(new(group, plural), new(ns ?? "", name)) is null)
        {
            return false;
        }

        try
        {
            writer.Delete(type, ns, name, new());
            return true;
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            return false;
        }
    }

    public ChannelReader<ApiChange> Watch(string group, string plural, CancellationToken cancellationToken)
    {
        var type = catalog.Require(group, plural);
        var changes = Channel.CreateUnbounded<ApiChange>(new() { SingleReader = true, SingleWriter = true });
        _ = PumpAsync(type, store.Watch(new(group, plural), ObjectFilter.Everything, null), changes.Writer, cancellationToken);
        return changes.Reader;
    }

    private static async Task PumpAsync(ResourceType type, WatchStart start, ChannelWriter<ApiChange> changes, CancellationToken cancellationToken)
    {
        using var subscription = start.Subscription;
        try
        {
            foreach (var item in start.Items)
            {
                await changes.WriteAsync(ChangeOf(type, item), cancellationToken).ConfigureAwait(false);
            }

            await foreach (var item in subscription.Items.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await changes.WriteAsync(ChangeOf(type, item), cancellationToken).ConfigureAwait(false);
            }

            changes.TryComplete();
        }
        catch (OperationCanceledException cancelled)
        {
            changes.TryComplete(cancelled);
        }
    }

    private static ApiChange ChangeOf(ResourceType type, in WatchItem item) => new(
        item.Kind switch { WatchItemKind.Added => "ADDED", WatchItemKind.Modified => "MODIFIED", _ => "DELETED" },
        item.Object!.Parse(type));
}
