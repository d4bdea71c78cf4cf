using MeshSdk.Model;

namespace MeshSdk.Tests.Runtime;

/// <summary>Takes snapshots over as the test wants it to: late, or not at all.</summary>
internal sealed class RecordingSink : ISnapshotSink
{
    private int _failures;

    public List<MeshSnapshot> Published { get; } = [];

    /// <summary>The services that each call named, those that failed included.</summary>
    public List<IReadOnlyList<string>> Changed { get; } = [];

    public int SyncedCount { get; private set; }

    public int Failures => Volatile.Read(ref _failures);

    public ManualResetEventSlim? BeforeFirst { get; init; }

    public bool Waiting { get; private set; }

    /// <summary>What publishing throws, if anything.</summary>
    public volatile Exception? Fault;

    public void Publish(MeshSnapshot snapshot, IReadOnlyCollection<ServiceId> changed)
    {
        Waiting = true;
        BeforeFirst?.Wait();
        Changed.Add([.. changed.Select(static id => id.Name).Order()]);
        if (Fault is { } fault)
        {
            throw fault;
        }

        Published.Add(snapshot);
    }

    public void Failed(Exception error) => Interlocked.Increment(ref _failures);

    public void Synced() => SyncedCount++;
}
