namespace MeshSdk.Model;

/// <summary>
/// A control plane: whatever produces snapshots. The data plane knows nothing else of it, so that another one (xDS) can take its place.
/// </summary>
internal interface ISnapshotSource
{
    /// <summary>
    /// Publishes to <paramref name="sink"/>, one call after the other, until cancelled. Returns early only where nothing will ever change again.
    /// </summary>
    Task RunAsync(ISnapshotSink sink, CancellationToken cancellationToken);
}

/// <summary>Takes snapshots over. Called by one source, never concurrently.</summary>
internal interface ISnapshotSink
{
    /// <summary>
    /// Puts a snapshot in force. <paramref name="changed"/> names the services that were added, changed or removed since the last one that was put in
    /// force: where this throws, the last one still counts as that, and the source names them all again when it publishes the next.
    /// </summary>
    void Publish(MeshSnapshot snapshot, IReadOnlyCollection<ServiceId> changed);

    /// <summary>A change could not be put in force. What was in force stays so, and the source tries again.</summary>
    void Failed(Exception error);

    /// <summary>Everything that the source is meant to deliver first has been published.</summary>
    void Synced();
}
