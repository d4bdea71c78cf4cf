using MeshSdk.Kubernetes.DependencyInjection;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Makes a source that follows an API server. The connection is made when the source is started.</summary>
internal delegate IResourceSource LiveSourceFactory(MeshKubernetesOptions options, CallerContext caller, TimeProvider time, ILoggerFactory loggers);

/// <summary>The source that the library itself follows an API server with.</summary>
internal static class LiveSource
{
    public static IResourceSource Open(MeshKubernetesOptions options, CallerContext caller, TimeProvider time, ILoggerFactory loggers)
    {
        var environment = new MeshEnvironment(new MeshOptions()) { Caller = caller, Time = time, Loggers = loggers };
        return KubernetesSourceFactory.Create(options, environment, KubernetesSourceFactory.Connector(options, environment));
    }
}
