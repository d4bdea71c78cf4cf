using MeshSdk;
using MeshSdk.AspNetCore;
using MeshSdk.AspNetCore.Hosting;
using MeshSdk.AspNetCore.Identity;
using MeshSdk.AspNetCore.Requests;
using MeshSdk.AspNetCore.Telemetry;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Hosting.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Makes a server one of the mesh.</summary>
public static class MeshWebHostBuilderExtensions
{
    /// <summary>
    /// Has every endpoint of Kestrel show the identity of this process, know its callers by theirs, and keep the PeerAuthentications and
    /// AuthorizationPolicies that are for it. Adds the mesh, if <c>AddMesh()</c> has not; where that has no source of objects,
    /// <see cref="MeshServerOptions.Mode"/> alone says what is asked of callers. May be called more than once, before or after <c>AddMesh()</c>, and
    /// each <paramref name="configure"/> counts. The mesh comes before all other middleware, whatever the order of registration.
    /// </summary>
    /// <param name="builder">The host: <c>builder.WebHost</c>, or that of <c>ConfigureWebHostDefaults</c>.</param>
    /// <param name="configure">
    /// Sets options, after those of the configuration section <c>Mesh:Server</c> (of the section that <c>AddMesh()</c> was given, its
    /// <c>Server</c>).
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IWebHostBuilder UseMeshIdentity(this IWebHostBuilder builder, Action<MeshServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            services.AddMesh(static mesh => mesh.Configure(static options => options.ServesInbound = true));
            services.AddOptionsWithValidateOnStart<MeshServerOptions>();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<MeshServerOptions>, MeshServerConfiguration>());
            if (configure is not null)
            {
                services.Configure(configure);
            }

            if (!services.Any(static service => service.ServiceType == typeof(MeshServer)))
            {
                services.AddInbound();
            }
        });
    }

    // Once, however often it is asked for.
    private static void AddInbound(this IServiceCollection services)
    {
        services.AddSingleton<MeshServer>();
        services.AddSingleton<InboundMetrics>();
        services.AddSingleton<InboundRequests>();
        services.AddSingleton<RequestRefusalLog>();
        services.AddSingleton<InboundMiddlewareFactory>();
        MeshKestrelSetup.AddTo(services);
        services.AddSingleton<IStartupFilter, MeshStartupFilter>();
        services.Decorate<IApplicationBuilderFactory>(
            ServiceDescriptor.Singleton<IApplicationBuilderFactory, ApplicationBuilderFactory>(),
            static (provider, inner) => new MeshApplicationBuilderFactory(inner, provider.GetRequiredService<InboundMiddlewareFactory>()));
        services.Decorate<IPolicyEvaluator>(
            ServiceDescriptor.Transient<IPolicyEvaluator, PolicyEvaluator>(), static (_, inner) => new MeshPolicyEvaluator(inner));
    }
}
