using MeshSdk.Resources;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration.Live;
using MeshSdk.Tool.Foreign;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Configuration;

/// <summary>Reads the configuration that a command line names, once: manifests, or a live API server.</summary>
internal sealed class ConfigurationLoader(MeshArguments arguments, ToolEnvironment environment, Terminal terminal)
{
    // Each round needs a route that leads one namespace further; real meshes end after the first.
    private const int MaximumRounds = 4;

    /// <summary>Whether what is read depends on the scope.</summary>
    public bool IsLive => arguments.Live is not null;

    /// <exception cref="UsageException">A path or an API server cannot be read.</exception>
    public async Task<LoadedMesh> ReadAsync(ReadScope scope, CancellationToken cancellationToken)
    {
        if (arguments.Live is not { } cluster)
        {
            return await ReadManifestsAsync(cancellationToken);
        }

        var live = new LiveReader(cluster, arguments, environment, terminal);
        if (scope.Namespaces is not { } asked)
        {
            return await live.ReadAsync(namespaces: null, cancellationToken);
        }

        var namespaces = asked.ToHashSet(StringComparer.Ordinal);
        for (var round = 1; ; round++)
        {
            var mesh = await live.ReadAsync(namespaces, cancellationToken);
            string[] further = scope.FollowRoutes ? [.. NamespacesOfBackends(mesh).Where(ns => ns != arguments.Caller.Namespace).Except(namespaces)] : [];
            if (further.Length == 0 || round == MaximumRounds)
            {
                return mesh with { Namespaces = namespaces };
            }

            namespaces.UnionWith(further);
        }
    }

    /// <summary>
    /// Adds what shapes calls behind sidecars. Manifests have it already; a live cluster is asked for it, in the namespaces of the mesh and in the root namespace.
    /// </summary>
    public async Task<LoadedMesh> WithForeignAsync(LoadedMesh mesh, CancellationToken cancellationToken) => arguments.Live is not { } cluster ? mesh : mesh with
    {
        Foreign = await environment.ListForeign(
            cluster.ToOptions(namespaces: null), [.. mesh.Namespaces.Append(arguments.Caller.RootNamespace).Distinct()], environment, cancellationToken),
    };

    private async Task<LoadedMesh> ReadManifestsAsync(CancellationToken cancellationToken)
    {
        // A file that changes while it is read is read again, and of two with one name the last one counts.
        var foreign = new Dictionary<ResourceKey, ForeignObject>();
        await using var source = new CheckedManifestSource(arguments, terminal, watch: false, seen =>
        {
            if (ForeignObject.Of(seen) is { } found)
            {
                foreign[found.Key] = found;
            }
        });
        try
        {
            return await OneShot.ReadAsync(source, arguments.Caller.ClusterDomain, terminal, cancellationToken) with { Foreign = foreign.Values };
        }
        catch (ManifestException e)
        {
            throw ManifestProblem.Refuse(e);
        }
    }

    private static IEnumerable<string> NamespacesOfBackends(LoadedMesh mesh) =>
        mesh.Objects.OfType<RouteResource>().SelectMany(static route => route.ServiceBackends()).Select(static id => id.Namespace);
}
