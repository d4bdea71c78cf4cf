using MeshSdk.Runtime;
using MeshSdk.Sources;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Configuration.Live;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Curl;

/// <summary>Starts the mesh that requests are sent through, over manifests or over a live API server, both of them followed while it runs.</summary>
internal sealed class CurlMesh(ToolEnvironment environment, Terminal terminal)
{
    /// <exception cref="UsageException">The manifests or the API server cannot be read.</exception>
    public async Task<Mesh> StartAsync(MeshArguments arguments, RequestTemplate template, CancellationToken cancellationToken)
    {
        using var loggers = new StandardErrorLoggers(terminal);

        // Until a live source has delivered, what it logs of its attempts is told as the reason if they come to nothing.
        using var attempts = new StandardErrorLoggers(terminal) { IsMuted = true };
        var source = await OpenAsync(arguments, template, attempts, cancellationToken);

        // The source takes the place of the one that the library would make of the same paths.
        arguments.Mesh.Manifests = [];
        if (arguments.Live is not null)
        {
            arguments.Mesh.Startup.Timeout = LivePatience.Sync;
        }

        var mesh = new Mesh(new MeshEnvironment(arguments.Mesh) { Loggers = loggers, Time = environment.Time }, [source]);
        try
        {
            var ready = mesh.WaitUntilReadyAsync(cancellationToken);
            if (arguments.Live is { } cluster && await LivePatience.RunOutAsync(ready, source, environment.Time, cancellationToken) is { } waited)
            {
                // Read before the mesh is stopped: what the source was still waiting for is the answer to why.
                var reason = LiveFailure.Describe(cluster, source, waited);
                await mesh.DisposeAsync();
                await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw new UsageException(reason);
            }

            await ready;
            attempts.IsMuted = false;
            return mesh;
        }
        catch (HttpRequestException e)
        {
            var refusal = Refuse(e, arguments.Live, source);
            await mesh.DisposeAsync();
            throw refusal;
        }
        catch (OperationCanceledException)
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    private static UsageException Refuse(HttpRequestException fault, LiveCluster? cluster, IResourceSource source) => (fault.InnerException, cluster) switch
    {
        (ManifestException manifests, _) => ManifestProblem.Refuse(manifests),
        ({ } never, { } live) => new UsageException($"{live.Description}: {never.Message}"),
        (null, { } live) => new UsageException(LiveFailure.Describe(live, source, LivePatience.Sync)),
        _ => new UsageException(fault.Message),
    };

    private async Task<IResourceSource> OpenAsync(
        MeshArguments arguments, RequestTemplate template, StandardErrorLoggers loggers, CancellationToken cancellationToken)
    {
        if (arguments.Live is not { } cluster)
        {
            return new CheckedManifestSource(arguments, terminal, watch: true);
        }

        // Redirects and routes may lead to other services of these namespaces: they are all followed, and not this one service alone.
        using var request = template.Create(0);
        string[] called = ServiceName.Of(request.RequestUri!.IdnHost, arguments.Caller) is { } name ? [name.Id.Namespace] : [];
        var scope = ReadScope.CallsTo([arguments.Caller.Namespace, .. called]);

        // What is odd about the objects is told by the mesh that follows them.
        var quiet = new Terminal(TextReader.Null, Stream.Null, TextWriter.Null);
        var namespaces = await new ConfigurationLoader(arguments, environment, quiet).FindNamespacesAsync(scope, cancellationToken);
        return environment.OpenLive(cluster.ToOptions(namespaces), arguments.Caller, environment, loggers);
    }
}
