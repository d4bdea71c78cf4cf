using MeshSdk.Compilation;
using MeshSdk.Sources;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Configuration.Live;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Curl;

/// <summary>Starts the mesh that requests are sent through, over manifests or over a live API server, both of them followed while it runs.</summary>
internal sealed class CurlMesh(ToolEnvironment environment, Terminal terminal)
{
    /// <exception cref="UsageException">The manifests or the API server cannot be read.</exception>
    public async Task<Mesh> StartAsync(MeshArguments arguments, RequestTemplate template, CancellationToken cancellationToken)
    {
        // What is unknown is told of every service, and most of them are not called: the reason of an answer tells what it means for the calls that are.
        using var loggers = new StandardErrorLoggers(terminal)
        {
            IsToldElsewhere = static problem => problem.Code is DiagnosticCode.PolicyUnknown or DiagnosticCode.EndpointsUnknown or DiagnosticCode.BackendUnknown,
        };

        // Until a live source has delivered, what it logs of its attempts is told as the reason if they come to nothing.
        using var attempts = new StandardErrorLoggers(terminal) { IsMuted = true };
        var source = await OpenAsync(arguments, template, attempts, cancellationToken);

        // The source takes the place of the one that the library would make of the same paths.
        arguments.Mesh.Manifests = [];
        if (arguments.Live is not null)
        {
            arguments.Mesh.Startup.Timeout = LivePatience.Sync;
        }

        var mesh = new Mesh(arguments.Surroundings(loggers), [source]);
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
            NoteUnusableFiles(mesh, arguments, template);
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

    private void NoteUnusableFiles(Mesh mesh, MeshArguments arguments, RequestTemplate template)
    {
        using var request = template.Create(0);
        if (ServiceName.Of(request.RequestUri!.IdnHost, arguments.Caller) is not { } called)
        {
            return;
        }

        foreach (var problem in new PolicyFiles(arguments.Mesh.Security).Check(mesh.Runtime.Snapshot, called.Id))
        {
            terminal.Note($"{problem.Severity}: {problem.Object} {problem.Path}: {problem.Message} [{problem.Code}]");
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

        var namespaces = await FindNamespacesAsync(arguments, template, cancellationToken);
        return environment.OpenLive(cluster.ToOptions(namespaces, arguments.Mesh.ReferenceGrants), arguments.Caller, environment, loggers);
    }

    /// <summary>
    /// Redirects and routes may lead to other services of the namespace that is called, and to further ones: they are all followed. Which those are only
    /// reading them tells.
    /// </summary>
    private async Task<IReadOnlyCollection<string>> FindNamespacesAsync(
        MeshArguments arguments, RequestTemplate template, CancellationToken cancellationToken)
    {
        using var request = template.Create(0);
        var caller = arguments.Caller;
        var name = ServiceName.Of(request.RequestUri!.IdnHost, caller);
        string[] called = name is { } known ? [known.Id.Namespace] : [];

        // What is odd about the objects is told by the mesh that follows them.
        var quiet = new Terminal(TextReader.Null, Stream.Null, TextWriter.Null);
        var mesh = await new ConfigurationLoader(arguments, environment, quiet)
            .ReadAsync(ReadScope.CallsTo([caller.Namespace, .. called]), cancellationToken);

        // A name of two labels may be one of the Internet, and "com" a namespace that nobody may read because there is none. No application would follow it.
        var unknown = new UnknownHosts(mesh.Unknown, caller).Find(request.RequestUri.IdnHost);
        return unknown is { MayBeForeign: true } ? [.. mesh.Namespaces.Except(called)] : mesh.Namespaces;
    }
}
