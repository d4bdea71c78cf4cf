using System.Diagnostics.Metrics;
using MeshSdk;
using MeshSdk.Kubernetes;
using MeshSdk.Kubernetes.DependencyInjection;
using MeshSdk.Runtime;
using MeshSdk.Sources;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
