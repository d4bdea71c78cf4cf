using MeshSdk.Model;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Makes a source that follows an API server. The connection is made when the source is started.</summary>
internal delegate IResourceSource LiveSourceFactory(MeshKubernetesOptions options, CallerContext caller, TimeProvider time, ILoggerFactory loggers);

/// <summary>The source that the library itself follows an API server with.</summary>
internal static class LiveSource
{
    // INTEGRATION: the one place where the source of MeshSdk.Kubernetes is to be made.
    /// <exception cref="NotSupportedException">This version has no such source.</exception>
    public static IResourceSource Open(MeshKubernetesOptions options, CallerContext caller, TimeProvider time, ILoggerFactory loggers) =>
        throw new NotSupportedException("reading a live API server is not in this version; give --manifests");
}
