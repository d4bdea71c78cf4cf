namespace MeshSdk.Testing.Storage;

/// <summary>One change of one object.</summary>
/// <param name="Before">Null: it was created.</param>
/// <param name="After">Null: it was deleted.</param>
internal sealed record StoreEvent(long Revision, ObjectKey Key, StoredObject? Before, StoredObject? After)
{
    /// <summary>
    /// What a watcher with a filter sees of it: an object that comes to match is added for that watcher, one that no longer does is deleted, with
    /// the content that it last matched by and the version of the change. Null: nothing.
    /// </summary>
    public WatchItem? SeenThrough(ObjectFilter filter)
    {
        var (before, after) = (filter.Matches(Before), filter.Matches(After));
        return (before, after) switch
        {
            (false, true) => new(WatchItemKind.Added, After, Revision),
            (true, true) => new(WatchItemKind.Modified, After, Revision),
            (true, false) => new(WatchItemKind.Deleted, Departed, Revision),
            _ => null,
        };
    }

    // Made once for all watchers, and only where one wants it. Two that race make it twice, which costs nothing but the copy.
    private StoredObject Departed => _departed ??= Before!.WithRevision(Revision);

    private StoredObject? _departed;
}
