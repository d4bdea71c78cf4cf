using MeshSdk.Kubernetes;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.DependencyInjection;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Makes a source that follows an API server. The connection is made when the source is started.</summary>
internal delegate IResourceSource LiveSourceFactory(
    MeshKubernetesOptions options, CallerContext caller, ToolEnvironment environment, ILoggerFactory loggers);

/// <summary>The source that the library itself follows an API server with.</summary>
internal static class LiveSource
{
    public static IResourceSource Open(MeshKubernetesOptions options, CallerContext caller, ToolEnvironment environment, ILoggerFactory loggers)
    {
        var mesh = new MeshEnvironment(new MeshOptions()) { Caller = caller, Time = environment.Time, Loggers = loggers };
        return KubernetesSourceFactory.Create(options, mesh, Connector(Search(options, environment), mesh));
    }

    /// <summary>How the API server is found.</summary>
    public static ConnectionSearch Search(MeshKubernetesOptions options, ToolEnvironment environment) =>
        new(options, environment.Time) { Environment = name => VariableOf(environment, name), Home = environment.Home };

    private static ReflectorConnector Connector(ConnectionSearch search, MeshEnvironment mesh) => async cancellationToken =>
    {
        try
        {
            var reflectors = await ReflectorFactory.CreateAsync(search, mesh.Loggers, mesh.Time, mesh.Random, mesh.Meters, cancellationToken);
            return reflectors.ListingFirst();
        }
        catch (ConnectionException fault) when (!fault.IsFinal)
        {
            // Whoever types a command is told at once, and tries again himself.
            throw new ConnectionException(fault.Message, fault) { IsFinal = true };
        }
    };

    // An application in a pod belongs to the pod's cluster. A command there belongs to whoever types it, whose variable comes first, as with kubectl.
    private static string? VariableOf(ToolEnvironment environment, string name) =>
        name == InClusterSettings.HostVariable && environment.Variable(LiveClusterDetection.FilesVariable) is { Length: > 0 } ? null : environment.Variable(name);
}
