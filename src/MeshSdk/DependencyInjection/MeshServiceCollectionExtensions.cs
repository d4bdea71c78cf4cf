using System.Diagnostics.Metrics;
using MeshSdk;
using MeshSdk.DependencyInjection;
using MeshSdk.Runtime;
using MeshSdk.Settings;
using MeshSdk.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the mesh to an application.</summary>
public static class MeshServiceCollectionExtensions
{
    /// <summary>
    /// Adds the mesh. Its options are those of the configuration section <c>Mesh</c>, then those of <paramref name="configure"/>. May be called more
    /// than once. Clients take part with <c>AddMeshRouting()</c>.
    /// </summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddMesh(this IServiceCollection services, Action<MeshBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(new MeshBuilder(services.AddMesh()));
        return services;
    }

    /// <inheritdoc cref="AddMesh(IServiceCollection, Action{MeshBuilder})"/>
    public static IServiceCollection AddMesh(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddHttpClient();
        services.AddOptionsWithValidateOnStart<MeshOptions, MeshOptionsValidator>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<MeshOptions>, MeshConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IOptionsChangeTokenSource<MeshOptions>, MeshConfiguration>());
        services.TryAddSingleton<KillSwitch>();
        services.TryAddSingleton(Create);
        services.AddHostedService<MeshHostedService>();
        services.TryPrependHandlerFilter();
        return services;
    }

    /// <summary>Adds the mesh with options from a configuration section of the application's choice, in place of <c>Mesh</c>.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddMesh(this IServiceCollection services, IConfigurationSection section, Action<MeshBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(new MeshBuilder(services.AddMesh(section)));
        return services;
    }

    /// <inheritdoc cref="AddMesh(IServiceCollection, IConfigurationSection, Action{MeshBuilder})"/>
    public static IServiceCollection AddMesh(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        services.Replace(ServiceDescriptor.Singleton(new MeshConfigurationSection(section)));
        return services.AddMesh();
    }

    // The first filter is the outermost: it alone sees the primary handler after the filters of all other packages are done with it (one of them
    // gives it the application's meters).
    private static void TryPrependHandlerFilter(this IServiceCollection services)
    {
        if (!services.Any(static d => !d.IsKeyedService && d.ImplementationType == typeof(MeshHandlerFilter)))
        {
            services.Insert(0, ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, MeshHandlerFilter>());
        }
    }

    private static Mesh Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<MeshOptions>>().Value;
        var mesh = new Mesh(
            new MeshEnvironment(options)
            {
                Time = services.GetService<TimeProvider>() ?? TimeProvider.System,
                Loggers = services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
                Meters = services.GetService<IMeterFactory>(),
                ContentRoot = services.GetService<IHostEnvironment>()?.ContentRootPath,
                IdentityService = services.GetService<ICertificateSource>(),
                IdentityDetectors = services.GetServices<ICertificateSourceDetector>(),
            },
            [.. services.GetServices<IResourceSource>()]);

        // It works on a running process; everything else is read once.
        services.GetRequiredService<KillSwitch>().Attach(mesh);
        return mesh;
    }
}
