using System.Collections.Immutable;
using System.Threading.Channels;
using MeshSdk.Compilation;
using MeshSdk.Compilation.Policies;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Runtime;

/// <summary>
/// The control plane over Kubernetes objects: takes events from all sources, keeps the objects, compiles what changed and publishes it. The one
/// writer of everything behind it.
/// </summary>
/// <param name="sources">Asked all at once; what they say adds up.</param>
/// <param name="caller">From whose viewpoint things are compiled.</param>
/// <param name="clock">For attempts that are made again.</param>
/// <param name="options">
/// How things are compiled; null for the defaults. Whether services are loaded on demand the sources say. The filters of the application's own end with
/// this.
/// </param>
internal sealed class ResourceSnapshotSource(
    IReadOnlyList<IResourceSource> sources, CallerContext caller, TimeProvider clock, CompilerOptions? options = null)
    : ISnapshotSource, ISourceHealth, IAsyncDisposable
{
    public const string NoSource =
        "The mesh has no source of configuration. Name manifests with AddMesh(m => m.UseManifests(\"mesh/\")) or in Mesh:Manifests, "
        + "or follow the cluster with AddMesh(m => m.UseKubernetes()) (package MeshSdk.Kubernetes).";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly MeshCompiler _compiler = new(caller, (options ?? CompilerOptions.Default) with
    {
        LoadsOnDemand = sources.OfType<IServiceDiscovery>().Any(static source => source.LoadsOnDemand),
    });

    private readonly ResourceStore _store = new(caller.ClusterDomain) { ReplacesConfig = MeshConfigReader.Replaces, KeepsCertificates = PemCheck.Keep };
    private readonly ImmutableArray<MeshDiagnostic>[] _problems = [.. sources.Select(static _ => ImmutableArray<MeshDiagnostic>.Empty)];
    private readonly ImmutableArray<UnknownScope>[] _unknown = [.. sources.Select(static _ => ImmutableArray<UnknownScope>.Empty)];
    private readonly PendingNotices _notices = new();
    private readonly bool[] _synced = new bool[sources.Count];

    public ImmutableArray<WatchHealth> Health => [.. sources.OfType<ISourceHealth>().SelectMany(static source => source.Health)];

    public async Task RunAsync(ISnapshotSink sink, CancellationToken cancellationToken)
    {
        if (sources.Count == 0)
        {
            throw new InvalidOperationException(NoSource);
        }

        foreach (var source in sources.OfType<ISelectiveSource>())
        {
            source.Select((options ?? CompilerOptions.Default).Peers);
        }

        // A source that fails for good ends the others too: what they say would never be complete.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = Channel.CreateBounded<(int Source, ResourceEvent Event)>(new BoundedChannelOptions(256) { SingleReader = true });
        var pumps = PumpAllAsync(events.Writer, stop);
        try
        {
            await PublishAsync(events.Reader, sink, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Nobody reads any more: a pump that waits for room would wait for ever.
            await stop.CancelAsync().ConfigureAwait(false);
            await pumps.ConfigureAwait(false);
            while (events.Reader.TryRead(out var unread))
            {
                _notices.Add(unread.Event);
            }

            _notices.Cancel();
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
        ChannelReader<ResourceEvent>? from = null;
        ResourceEvent? next = null;
        try
        {
            from = source.Start(stop.Token);
            while (await from.WaitToReadAsync(stop.Token).ConfigureAwait(false))
            {
                while (from.TryRead(out next))
                {
                    await to.WriteAsync((index, next), stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nothing is owed to a reader that has gone, but whoever waits for an event to be in force must not wait for ever.
            do
            {
                next?.InForce?.TrySetCanceled(CancellationToken.None);
            }
            while (from is not null && from.TryRead(out next));
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task PublishAsync(ChannelReader<(int Source, ResourceEvent Event)> events, ISnapshotSink sink, CancellationToken cancellationToken)
    {
        MeshSnapshot? snapshot = null;
        var announced = false;
        TimeSpan? retry = null;
        var dirty = new HashSet<ServiceId>();
        while (await WaitAsync(events, retry, cancellationToken).ConfigureAwait(false))
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

            try
            {
                snapshot = Publish(snapshot ?? MeshSnapshot.Empty, dirty, sink);
                dirty.Clear();
                retry = null;
                _notices.Complete();
                if (!announced)
                {
                    sink.Synced();
                    announced = true;
                }
            }
            catch (Exception e)
            {
                // One change that fails must not be the last one. What is dirty stays so, for the next event or the next attempt.
                retry = retry is null ? FirstRetry : TimeSpan.FromTicks(Math.Min(2 * retry.Value.Ticks, LastRetry.Ticks));
                sink.Failed(e);
            }
        }
    }

    private MeshSnapshot Publish(MeshSnapshot previous, HashSet<ServiceId> dirty, ISnapshotSink sink)
    {
        var snapshot = _compiler.Recompile(previous, _store, dirty);
        snapshot = snapshot with { Diagnostics = [.. _problems.SelectMany(static p => p), .. snapshot.Diagnostics] };
        sink.Publish(snapshot, dirty);
        options?.Extensions.Sweep(snapshot, dirty);
        return snapshot;
    }

    /// <summary>Waits for an event, and where something is to be tried again no longer than that.</summary>
    /// <returns>False where there is nothing left to do.</returns>
    private async ValueTask<bool> WaitAsync(ChannelReader<(int, ResourceEvent)> events, TimeSpan? retry, CancellationToken cancellationToken)
    {
        if (retry is not { } time)
        {
            return await events.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false);
        }

        using var due = new CancellationTokenSource(time, clock);
        try
        {
            if (await events.WaitToReadAsync(due.Token).ConfigureAwait(false))
            {
                return true;
            }
        }
        catch (OperationCanceledException) when (due.IsCancellationRequested)
        {
            return true;
        }

        catch (Exception) when (events.Completion.IsCompleted)
        {
            // A source is lost. It is told when nothing is left to be tried again.
        }

        // No event will come any more, but the last ones are still to be put in force.
        await Task.Delay(time, clock, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private IEnumerable<ServiceId> Take(int source, ResourceEvent next)
    {
        _synced[source] |= next.Synced;
        _notices.Add(next);
        _problems[source] = next.Problems ?? _problems[source];
        IEnumerable<ServiceId> dirty = [.. _store.Apply(next.Upserts, next.Deletes), .. _compiler.FindPlace(_store)];
        if (next.Unknown is not { } unknown || unknown.SequenceEqual(_unknown[source]))
        {
            return dirty;
        }

        // What one source knows does not make up for what another does not: that one may have more of it.
        _unknown[source] = unknown;
        return dirty.Concat(_compiler.Apply(_store, _unknown.SelectMany(static scopes => scopes)));
    }

    // All of them, whatever one of them throws.
    public async ValueTask DisposeAsync() => await Task.WhenAll(
        [.. sources.Append<object?>(options?.Extensions).OfType<IAsyncDisposable>().Select(static part => part.DisposeAsync().AsTask())]).ConfigureAwait(false);
}
