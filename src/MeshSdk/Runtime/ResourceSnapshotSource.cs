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
    public const string NoSource =
        "The mesh has no source of configuration. Name manifests with AddMesh(m => m.UseManifests(\"mesh/\")) or in Mesh:Manifests.";

    private readonly MeshCompiler _compiler = new(caller, new CompilerOptions());
    private readonly ResourceStore _store = new(caller.ClusterDomain);
    private readonly ImmutableArray<MeshDiagnostic>[] _problems = [.. sources.Select(static _ => ImmutableArray<MeshDiagnostic>.Empty)];
    private readonly bool[] _synced = new bool[sources.Count];

    public async Task RunAsync(ISnapshotSink sink, CancellationToken cancellationToken)
    {
        if (sources.Count == 0)
        {
            throw new InvalidOperationException(NoSource);
        }

        // A source that fails for good ends the others too: what they say would never be complete.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateBounded<(int Source, ResourceEvent Event)>(new BoundedChannelOptions(256) { SingleReader = true });
        var pumps = PumpAllAsync(events.Writer, stop);
        try
        {
            await PublishAsync(events.Reader, sink).ConfigureAwait(false);
        }
        finally
        {
            // Nobody reads any more: a pump that waits for room would wait for ever.
            await stop.CancelAsync().ConfigureAwait(false);
            await pumps.ConfigureAwait(false);
        }
    }

    // Never throws: the reader of the channel is the one to hear it.
    private async Task PumpAllAsync(ChannelWriter<(int, ResourceEvent)> to, CancellationTokenSource stop)
    {
        try
        {
            await Task.WhenAll([.. sources.Select((source, i) => PumpAsync(i, source, to, stop))]).ConfigureAwait(false);
            to.Complete();
        }
        catch (Exception e)
        {
            to.Complete(e);
        }
    }

    private static async Task PumpAsync(
        int index, IResourceSource source, ChannelWriter<(int, ResourceEvent)> to, CancellationTokenSource stop)
    {
        try
        {
            await foreach (var next in source.Start(stop.Token).ReadAllAsync(stop.Token).ConfigureAwait(false))
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

            var isFirst = snapshot is null;
            snapshot = _compiler.Recompile(snapshot ?? MeshSnapshot.Empty, _store, dirty);
            snapshot = snapshot with { Diagnostics = [.. _problems.SelectMany(static p => p), .. snapshot.Diagnostics] };
            sink.Publish(snapshot, dirty);
            dirty.Clear();
            if (isFirst)
            {
                sink.Synced();
            }
        }
    }

    private IReadOnlyCollection<ServiceId> Take(int source, ResourceEvent next)
    {
        _synced[source] |= next.Synced;
        _problems[source] = next.Problems ?? _problems[source];
        return _store.Apply(next.Upserts, next.Deletes);
    }

    // All of them, whatever one of them throws.
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll([.. sources.Select(static source => source.DisposeAsync().AsTask())]).ConfigureAwait(false);
}
