using System.Threading.Channels;
using MeshSdk.Sources;
using MeshSdk.Sources.Manifests;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Tool.Configuration;

/// <summary>
/// The manifests of a command line. Broken at the start they end the command, where a running application would go on without what is
/// broken; what breaks later keeps its last good version, as it does for everybody.
/// </summary>
internal sealed class CheckedManifestSource : IResourceSource
{
    // Together with the debounce they put an emptied file in force within a second: whether it still is empty is found out by looking.
    private static readonly TimeSpan EmptyFileDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // Its problems are told by whoever reads its events, and need no telling twice.
    private readonly ManifestSource _manifests;
    private Task _pump = Task.CompletedTask;

    /// <param name="arguments">Name the manifests.</param>
    /// <param name="terminal">Its standard input may be one of them.</param>
    /// <param name="watch">Whether they are followed, or read once.</param>
    /// <param name="seen">Told of every object as it was written; null: nobody asks.</param>
    public CheckedManifestSource(MeshArguments arguments, Terminal terminal, bool watch, Action<ManifestObject>? seen = null) =>
        _manifests = new ManifestSource(
            [.. arguments.Mesh.Manifests],
            TimeProvider.System,
            NullLogger<ManifestSource>.Instance,
            new ManifestSourceOptions
            {
                Watch = watch,
                StandardInput = terminal.In,
                PollInterval = PollInterval,
                EmptyFileDelay = EmptyFileDelay,
                Seen = seen,
            });

    public string Name => _manifests.Name;

    public ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken)
    {
        var events = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        _pump = PumpAsync(_manifests.Start(cancellationToken), events.Writer);
        return events.Reader;
    }

    public async ValueTask DisposeAsync()
    {
        await _manifests.DisposeAsync();
        await _pump;
    }

    private static async Task PumpAsync(ChannelReader<ResourceEvent> from, ChannelWriter<ResourceEvent> to)
    {
        try
        {
            var synced = false;
            await foreach (var change in from.ReadAllAsync())
            {
                if (!synced && change.Problems is { } problems && problems.Any(static p => p.Severity == DiagnosticSeverity.Error))
                {
                    throw new ManifestException(problems);
                }

                synced |= change.Synced;
                to.TryWrite(change.Problems is { } told ? change with { Problems = ManifestProblem.OneErrorForEachFile(told) } : change);
            }

            to.Complete();
        }
        catch (Exception e)
        {
            // Whoever reads the channel is the one to hear it.
            to.Complete(e);
        }
    }
}
