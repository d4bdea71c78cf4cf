using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore.Hosting;

/// <summary>Leads the connections of every endpoint of Kestrel through the mesh.</summary>
internal sealed class MeshKestrelSetup(MeshServer server) : IConfigureOptions<KestrelServerOptions>
{
    public static void AddTo(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshServerOptions>, MeshServerOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EndpointGuard>());
        if (!services.Any(static service => service.ImplementationType == typeof(MeshKestrelSetup)))
        {
            // First of all: the defaults hold for endpoints that are configured after them, and the application may have configured some already.
            services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>, MeshKestrelSetup>());
        }
    }

    public void Configure(KestrelServerOptions options)
    {
        // Sidecars send ":scheme http" inside of mutual TLS.
        options.AllowAlternateSchemes = true;
        options.ConfigureEndpointDefaults(endpoint => server.Endpoints.Join(endpoint, server));
    }
}
