using MeshSdk.Resources;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration.Live;
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

    private async Task<LoadedMesh> ReadManifestsAsync(CancellationToken cancellationToken)
    {
        await using var source = new CheckedManifestSource(arguments, terminal, watch: false);
        try
        {
            return await OneShot.ReadAsync(source, arguments.Caller.ClusterDomain, terminal, cancellationToken);
        }
        catch (ManifestException e)
        {
            throw ManifestProblem.Refuse(e);
        }
    }

    private static IEnumerable<string> NamespacesOfBackends(LoadedMesh mesh) =>
        mesh.Objects.OfType<RouteResource>().SelectMany(static route => route.ServiceBackends()).Select(static id => id.Namespace);
}
