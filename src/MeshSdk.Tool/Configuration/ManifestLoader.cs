using MeshSdk.Resources;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Configuration;

/// <summary>Reads the manifests of a command line once.</summary>
internal static class ManifestLoader
{
    /// <summary>Reads everything, and says on standard error what is odd about it without being wrong.</summary>
    /// <exception cref="UsageException">A path is not there, or what it holds cannot be read.</exception>
    public static async Task<ResourceStore> LoadAsync(MeshArguments arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var source = new CheckedManifestSource(arguments, terminal, watch: false);
        var resources = new ResourceStore(arguments.Caller.ClusterDomain);
        try
        {
            await foreach (var change in source.Start(cancellationToken).ReadAllAsync(cancellationToken))
            {
                foreach (var problem in change.Problems ?? [])
                {
                    terminal.Note(ManifestProblem.Describe(problem));
                }

                resources.Apply(change.Upserts, change.Deletes);
                if (change.Synced)
                {
                    break;
                }
            }
        }
        catch (ManifestException e)
        {
            throw ManifestProblem.Refuse(e);
        }

        return resources;
    }
}
