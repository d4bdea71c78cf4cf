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
        var source = Open(arguments, template, attempts);

        // The source takes the place of the one that the library would make of the same paths.
        arguments.Mesh.Manifests = [];
        if (arguments.Live is not null)
        {
            arguments.Mesh.Startup.Timeout = LiveReader.FirstAnswerTimeout;
        }

        var mesh = new Mesh(new MeshEnvironment(arguments.Mesh) { Loggers = loggers, Time = environment.Time }, [source]);
        try
        {
            await mesh.WaitUntilReadyAsync(cancellationToken);
            attempts.IsMuted = false;
            return mesh;
        }
        catch (HttpRequestException e)
        {
            var refusal = Refuse(e, arguments.Live, source);
            await mesh.DisposeAsync();
            throw refusal;
        }
    }

    private static UsageException Refuse(HttpRequestException fault, LiveCluster? cluster, IResourceSource source) => (fault.InnerException, cluster) switch
    {
        (ManifestException manifests, _) => ManifestProblem.Refuse(manifests),
        ({ } never, { } live) => new UsageException($"{live.Description}: {never.Message}"),
        (null, { } live) => new UsageException(LiveFailure.Describe(live, source, LiveReader.FirstAnswerTimeout)),
        _ => new UsageException(fault.Message),
    };

    private IResourceSource Open(MeshArguments arguments, RequestTemplate template, StandardErrorLoggers loggers)
    {
        if (arguments.Live is not { } cluster)
        {
            return new CheckedManifestSource(arguments, terminal, watch: true);
        }

        // Redirects and routes may lead to other services of these namespaces: they are all followed, and not this one service alone.
        using var request = template.Create(0);
        var namespaces = ServiceName.Of(request.RequestUri!.IdnHost, arguments.Caller) is { } name ? [name.Id.Namespace] : Array.Empty<string>();
        try
        {
            return environment.OpenLive(cluster.ToOptions(namespaces), arguments.Caller, environment.Time, loggers);
        }
        catch (NotSupportedException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
