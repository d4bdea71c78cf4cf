using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Http;

/// <summary>What a list holds, by the rules of resourceVersion, limit and continue.</summary>
internal sealed class ObjectQueries(ResourceStore store)
{
    /// <exception cref="ApiException">404.</exception>
    public StoredObject Get(ResourceType type, string? ns, string name) =>
        store.Find(CollectionId.Of(type), new(ns ?? "", name)) ?? throw ApiException.NotFound(type, name);

    /// <summary>All pages of a list show the moment of the first, as long as the changes since are known.</summary>
    /// <exception cref="ApiException">410 where the moment has been compacted, 504 where it has not come yet.</exception>
    public ListPage List(ResourceType type, ListOptions options)
    {
        var snapshot = Snapshot(type, options);
        var matching = snapshot.Objects.Values.Where(options.Filter.Matches);
        if (options.Continue is { } token)
        {
            matching = matching.SkipWhile(stored => stored.Key.CompareTo(token.After) <= 0);
        }

        // "Any version will do" is answered whole, limit or not, as from a real API server's cache.
        if (options.Limit is not { } limit || options is { Revision: 0, Continue: null })
        {
            return new(snapshot.Revision, [.. matching], null, null);
        }

        var items = matching.Take(limit).ToArray();
        var remaining = items.Length < limit ? 0 : matching.Skip(limit).Count();
        return remaining == 0
            ? new(snapshot.Revision, items, null, null)
            : new(
                snapshot.Revision, items, new ContinueToken(snapshot.Revision, items[^1].Key).Encode(), options.Filter.HasSelector ? null : remaining);
    }

    private StoreSnapshot Snapshot(ResourceType type, ListOptions options)
    {
        var id = CollectionId.Of(type);
        if (options.Continue is { } token)
        {
            return token.Revision < 0 ? store.Read(id) : Continued(id, token);
        }

        if (options.Revision is not { } revision || revision == 0)
        {
            return store.Read(id);
        }

        if (options.Match == "Exact" || (options.Match.Length == 0 && options.Limit is not null))
        {
            return store.Read(id, revision);
        }

        store.CheckReached(revision);
        return store.Read(id);
    }

    private StoreSnapshot Continued(CollectionId id, ContinueToken token)
    {
        try
        {
            return store.Read(id, token.Revision);
        }
        catch (ApiException expired) when (expired.Code == 410)
        {
            throw new ApiException(
                410, "Expired",
                "The provided continue parameter is too old to display a consistent list result. Start the list anew, or use the continue token of " +
                "this answer to go on without consistency.")
            {
                Details = new() { ["continue"] = new ContinueToken(-1, token.After).Encode() },
            };
        }
    }
}
