using Grpc.Net.ClientFactory;
using MeshSdk;
using MeshSdk.Grpc;
using MeshSdk.Grpc.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes the mesh of an application know gRPC.</summary>
public static class MeshBuilderGrpcExtensions
{
    /// <summary>
    /// Makes <c>AddMeshRouting()</c> on a client of <c>AddGrpcClient()</c> do all that the mesh can do for gRPC: each call is routed once, also where the channel
    /// makes several attempts, timeouts of routes bind unary calls, and a channel that would bypass the mesh is refused when the host starts, or else when the
    /// channel is made. May be called more than once.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="configure">
    /// What all gRPC clients of the mesh have in common; what <see cref="ConfigureMeshGrpc"/> says of one of them comes after it, whichever was registered first.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeshBuilder UseGrpc(this MeshBuilder builder, Action<MeshGrpcOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<GrpcClientFactoryOptions>, MeshedGrpcClients>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshGrpcOptions>, MeshGrpcOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, GrpcClientsCheck>());
        if (configure is not null)
        {
            services.ConfigureAll(configure);
        }

        return builder;
    }

    /// <summary>
    /// Sets what is special about the calls of one gRPC client of the mesh, or, on the builder of <c>ConfigureHttpClientDefaults</c>, of all. Implies
    /// <see cref="UseGrpc"/>; the client takes part in the mesh with <c>AddMeshRouting()</c>.
    /// </summary>
    /// <param name="builder">The client, as <c>AddGrpcClient()</c> returns it.</param>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IHttpClientBuilder ConfigureMeshGrpc(this IHttpClientBuilder builder, Action<MeshGrpcOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddMesh(static mesh => mesh.UseGrpc());
        if (builder.Name is { } name)
        {
            builder.Services.PostConfigure(name, configure);
        }
        else
        {
            builder.Services.ConfigureAll(configure);
        }

        return builder;
    }
}
