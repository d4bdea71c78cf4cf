using System.Diagnostics.Metrics;
using MeshSdk;
using MeshSdk.Kubernetes;
using MeshSdk.Kubernetes.DependencyInjection;
using MeshSdk.Kubernetes.StatusWriting;
using MeshSdk.Runtime;
using MeshSdk.Sources;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Feeds the mesh of an application from a live Kubernetes API server.</summary>
public static class MeshBuilderKubernetesExtensions
{
    /// <summary>
    /// Adds the cluster that the process runs in, or that a kubeconfig names. Its options are those of the configuration section
    /// <c>Mesh:Kubernetes</c>, then those of <paramref name="configure"/>. May be called more than once; there is one cluster. Where
    /// <see cref="MeshOptions.Namespace"/> is not set, it is that of the pod, else that of the kubeconfig's context; the other way round where
    /// <see cref="MeshKubernetesOptions.Kubeconfig"/> is set.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="configure">Sets options in code.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeshBuilder UseKubernetes(this MeshBuilder builder, Action<MeshKubernetesOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<MeshKubernetesOptions, MeshKubernetesOptionsValidator>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<MeshKubernetesOptions>, MeshKubernetesConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<MeshOptions>, MeshKubernetesConfiguration>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (!services.Any(static service => service.ServiceType == typeof(KubernetesSource)))
        {
            services.AddSingleton(Create);
            services.AddSingleton<IResourceSource>(static provider => provider.GetRequiredService<KubernetesSource>());
        }

        return builder;
    }

    /// <summary>
    /// Writes what the mesh makes of the routes (<see cref="Mesh.Routes"/>) into their status, for GitOps tools, <c>kubectl describe</c> and Flagger to read. One
    /// process at a time does so, elected by a Lease; entries of other controllers are left alone. Needs <see cref="UseKubernetes"/> with
    /// <see cref="MeshKubernetesScope.Cluster"/>, and the permissions of <c>samples/k8s/rbac-status.yaml</c>: it is meant for one small deployment of its own, and
    /// not for every application of a mesh.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="controllerName">See <see cref="MeshRouteStatusOptions.ControllerName"/>.</param>
    /// <param name="configure">Sets further options.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="controllerName"/> is null.</exception>
    public static MeshBuilder WriteRouteStatus(this MeshBuilder builder, string controllerName, Action<MeshRouteStatusOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(controllerName);
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<MeshRouteStatusOptions, MeshRouteStatusOptionsValidator>();
        services.Configure<MeshRouteStatusOptions>(options => options.ControllerName = controllerName);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RouteStatusService>(static provider => new RouteStatusService(
            provider.GetRequiredService<Mesh>(),
            provider.GetRequiredService<IOptions<MeshRouteStatusOptions>>(),
            provider.GetRequiredService<IOptions<MeshKubernetesOptions>>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            Random.Shared)));
        return builder;
    }

    private static KubernetesSource Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<MeshKubernetesOptions>>().Value;
        var environment = new MeshEnvironment(services.GetRequiredService<IOptions<MeshOptions>>().Value)
        {
            Time = services.GetService<TimeProvider>() ?? TimeProvider.System,
            Loggers = services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
            Meters = services.GetService<IMeterFactory>(),
        };
        return KubernetesSourceFactory.Create(
            options, environment, services.GetService<ReflectorConnector>() ?? KubernetesSourceFactory.Connector(options, environment));
    }
}
