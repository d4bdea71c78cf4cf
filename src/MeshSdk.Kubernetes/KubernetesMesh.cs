using MeshSdk.Kubernetes.DependencyInjection;
using MeshSdk.Runtime;
using MeshSdk.Settings;
using Microsoft.Extensions.Logging;

namespace MeshSdk;

/// <summary>Makes meshes that are fed from a live Kubernetes API server, for programs without dependency injection.</summary>
public static class KubernetesMesh
{
    /// <summary>Makes a mesh and waits until it is ready, as <see cref="MeshOptions.Startup"/> says.</summary>
    /// <param name="options">
    /// How this process takes part. Where <see cref="MeshOptions.Namespace"/> is not set, it is that of the pod, else that of the kubeconfig's context.
    /// Not read again afterwards.
    /// </param>
    /// <param name="kubernetes">Which API server is followed, and how much of it. Null for the defaults.</param>
    /// <param name="loggers">Where it logs; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the wait; the mesh is then disposed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is wrong; the message names it.</exception>
    /// <exception cref="HttpRequestException">The configuration did not arrive in time, or never will.</exception>
    public static async Task<Mesh> StartAsync(
        MeshOptions options, MeshKubernetesOptions? kubernetes = null, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        kubernetes ??= new MeshKubernetesOptions();
        MeshOptionsValidator.ThrowIfInvalid(options);
        MeshKubernetesOptionsValidator.ThrowIfInvalid(kubernetes);
        var mesh = Create(options, kubernetes, loggers, connect: null);
        try
        {
            await mesh.WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <param name="connect">Null for the real API server.</param>
    internal static Mesh Create(MeshOptions options, MeshKubernetesOptions kubernetes, ILoggerFactory? loggers, Kubernetes.ReflectorConnector? connect)
    {
        var environment = new MeshEnvironment(options);
        environment = loggers is null ? environment : environment with { Loggers = loggers };
        if (options.Namespace is null && KubernetesCaller.FindNamespace(kubernetes) is { } ns)
        {
            environment = environment with { Caller = environment.Caller with { Namespace = ns } };
        }

        connect ??= KubernetesSourceFactory.Connector(kubernetes, environment);
        return new Mesh(environment, [KubernetesSourceFactory.Create(kubernetes, environment, connect)]);
    }
}
