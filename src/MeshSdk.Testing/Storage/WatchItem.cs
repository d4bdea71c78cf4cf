namespace MeshSdk.Testing.Storage;

internal enum WatchItemKind
{
    Added,
    Modified,
    Deleted,

    /// <summary>Everything up to the item's revision has been delivered.</summary>
    Bookmark,

    /// <summary>The same, at the end of what was there when the watch began.</summary>
    InitialEventsEnd,

    /// <summary><see cref="WatchItem.Line"/> is sent as it is.</summary>
    Raw,
}

/// <summary>Something to be sent to a watcher, in its place in the order of all changes.</summary>
internal readonly record struct WatchItem(WatchItemKind Kind, StoredObject? Object, long Revision, ReadOnlyMemory<byte> Line = default);
