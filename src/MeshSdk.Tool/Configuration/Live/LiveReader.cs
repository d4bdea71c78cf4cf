using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Reads a part of a live cluster once.</summary>
internal sealed class LiveReader(LiveCluster cluster, MeshArguments arguments, ToolEnvironment environment, Terminal terminal)
{
    /// <param name="namespaces">Null: all of them.</param>
    /// <exception cref="UsageException">There is no configuration for it, or it does not answer.</exception>
    public async Task<LoadedMesh> ReadAsync(IReadOnlyCollection<string>? namespaces, CancellationToken cancellationToken)
    {
        try
        {
            // What its log would say is said once, in the answer or as the reason for there being none.
            await using var source = environment.OpenLive(cluster.ToOptions(namespaces, arguments.Mesh.ReferenceGrants), arguments.Caller, environment, NullLoggerFactory.Instance);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var reading = OneShot.ReadAsync(source, arguments.Caller.ClusterDomain, terminal, stop.Token);
            if (await LivePatience.RunOutAsync(reading, source, environment.Time, stop.Token) is not { } waited)
            {
                return await reading;
            }

            // Read before the source is stopped: what it was still waiting for is the answer to why.
            var reason = LiveFailure.Describe(cluster, source, waited);
            await stop.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new UsageException(reason);
        }
        catch (Exception e) when (e is not (OperationCanceledException or UsageException))
        {
            throw new UsageException($"{cluster.Description}: {e.Message}");
        }
    }
}
