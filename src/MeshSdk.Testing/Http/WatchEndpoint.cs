using System.Collections.Concurrent;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Faults;
using MeshSdk.Testing.Storage;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>Serves watches and knows those that are running.</summary>
internal sealed class WatchEndpoint(ResourceStore store, FaultInjector faults, EmbeddedKubernetesOptions options)
{
    private static readonly TimeSpan ShortestDefault = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<ActiveWatch, bool> _active = [];

    public IEnumerable<ActiveWatch> Active => _active.Keys;

    /// <exception cref="ApiException">The watch cannot begin; nothing has been written.</exception>
    public async Task ServeAsync(
        HttpContext context, EmbeddedRequest request, ResourceType type, ListOptions list, ObjectWire wire, CancellationToken cancellationToken)
    {
        var start = Start(type, list);
        using var subscription = start.Subscription;
        var watch = new ActiveWatch(request, context, wire, faults, subscription);
        using var bookmarks = list.AllowsBookmarks ? Bookmarks(subscription) : null;
        using var end = End(subscription, list);
        _active[watch] = true;
        try
        {
            context.Response.StatusCode = 200;
            context.Response.ContentType = ApiResponse.Json;
            await watch.RunAsync(Initial(start, list), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _active.TryRemove(watch, out _);
        }
    }

    private WatchStart Start(ResourceType type, ListOptions list)
    {
        if (list.SendsInitialEvents is not null && !options.StreamingLists)
        {
            throw ListOptions.Invalid("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
        }

        var id = CollectionId.Of(type);
        if (list.SendsInitialEvents is true)
        {
            // The version that is named is the least that the objects must be of; there is only one moment to be served from, the present.
            store.CheckReached(list.Revision ?? 0);
            return store.Watch(id, list.Filter, null);
        }

        return store.Watch(id, list.Filter, list.Revision is > 0 ? list.Revision : null, withObjects: list.SendsInitialEvents is null);
    }

    private static IEnumerable<WatchItem> Initial(WatchStart start, ListOptions list) =>
        list is { SendsInitialEvents: true, AllowsBookmarks: true }
            ? start.Items.Append(new(WatchItemKind.InitialEventsEnd, null, start.Revision))
            : start.Items;

    private ITimer Bookmarks(WatchSubscription subscription) =>
        options.Time.CreateTimer(_ => store.Bookmark(subscription), null, options.BookmarkInterval, options.BookmarkInterval);

    /// <summary>A watch lasts as long as it asks for, else between half an hour and an hour, so that not all clients come back at one time.</summary>
    private ITimer End(WatchSubscription subscription, ListOptions list) => options.Time.CreateTimer(
        _ =>
        {
            if (list.AllowsBookmarks)
            {
                store.Bookmark(subscription);
            }

            subscription.Complete();
        },
        null, list.Timeout ?? ShortestDefault * (1 + Random.Shared.NextDouble()), Timeout.InfiniteTimeSpan);
}
