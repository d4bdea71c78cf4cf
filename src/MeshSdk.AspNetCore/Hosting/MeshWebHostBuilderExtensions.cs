using MeshSdk;
using MeshSdk.AspNetCore;
using MeshSdk.AspNetCore.Hosting;
using MeshSdk.AspNetCore.Requests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Makes a server one of the mesh.</summary>
public static class MeshWebHostBuilderExtensions
{
    /// <summary>
    /// Has every endpoint of Kestrel show the identity of this process, know its callers by theirs, and keep the PeerAuthentications and AuthorizationPolicies
    /// that are for it.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IWebHostBuilder UseMeshIdentity(this IWebHostBuilder builder, Action<MeshServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            services.AddMesh(mesh => mesh.Configure(static options => options.ServesInbound = true));
            services.AddOptions<MeshServerOptions>().BindConfiguration("Mesh:Server").ValidateOnStart();
            if (configure is not null)
            {
                services.Configure(configure);
            }

            services.TryAddSingleton<MeshServer>();
            MeshKestrelSetup.AddTo(services);
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, MeshStartupFilter>());
        });
    }
}
