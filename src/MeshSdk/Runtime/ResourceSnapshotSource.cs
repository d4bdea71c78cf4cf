using System.Collections.Immutable;
using System.Threading.Channels;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Runtime;

/// <summary>
/// The control plane over Kubernetes objects: takes events from all sources, keeps the objects, compiles what changed and publishes it. The one
/// writer of everything behind it.
/// </summary>
internal sealed class ResourceSnapshotSource(IReadOnlyList<IResourceSource> sources, CallerContext caller) : ISnapshotSource, IAsyncDisposable
{
    private readonly MeshCompiler _compiler = new(caller, new CompilerOptions());
    private readonly ResourceStore _store = new(caller.ClusterDomain);
    private readonly ImmutableArray<MeshDiagnostic>[] _problems = [.. sources.Select(static _ => ImmutableArray<MeshDiagnostic>.Empty)];
    private readonly bool[] _synced = new bool[sources.Count];

    public async Task RunAsync(ISnapshotSink sink, CancellationToken cancellationToken)
    {
        // A source that fails for good ends the others too: what they say would never be complete.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateBounded<(int Source, ResourceEvent Event)>(new BoundedChannelOptions(256) { SingleReader = true });
        var pumps = Task.WhenAll(sources.Select((source, i) => PumpAsync(i, source.Start(stop.Token), events.Writer, stop)));
        _ = pumps.ContinueWith(t => events.Writer.TryComplete(t.Exception?.InnerException), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await PublishAsync(events.Reader, sink).ConfigureAwait(false);
        await pumps.ConfigureAwait(false);
    }

    private static async Task PumpAsync(
        int index, ChannelReader<ResourceEvent> from, ChannelWriter<(int, ResourceEvent)> to, CancellationTokenSource stop)
    {
        try
        {
            await foreach (var next in from.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                await to.WriteAsync((index, next), stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nothing is owed to a reader that has gone.
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task PublishAsync(ChannelReader<(int Source, ResourceEvent Event)> events, ISnapshotSink sink)
    {
        MeshSnapshot? snapshot = null;
        var dirty = new HashSet<ServiceId>();
        while (await events.WaitToReadAsync().ConfigureAwait(false))
        {
            // Whatever has piled up becomes one snapshot.
            while (events.TryRead(out var next))
            {
                dirty.UnionWith(Take(next.Source, next.Event));
            }

            // Half a configuration is no configuration: nothing is in force before every source has said all that it has.
            if (snapshot is null && !Array.TrueForAll(_synced, static s => s))
            {
                continue;
            }

            var previous = snapshot ?? MeshSnapshot.Empty;
            snapshot = _compiler.Recompile(previous, _store, dirty);
            snapshot = snapshot with { Diagnostics = [.. _problems.SelectMany(static p => p), .. snapshot.Diagnostics] };
            sink.Publish(snapshot, dirty);
            dirty.Clear();
            if (ReferenceEquals(previous, MeshSnapshot.Empty))
            {
                sink.Synced();
            }
        }
    }

    private IReadOnlyCollection<ServiceId> Take(int source, ResourceEvent next)
    {
        _synced[source] |= next.Synced;
        _problems[source] = next.Problems ?? _problems[source];
        return _store.Apply(next);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in sources)
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }
    }
}
