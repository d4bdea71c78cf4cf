using Grpc.Net.ClientFactory;
using MeshSdk;
using MeshSdk.Grpc.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes the mesh of an application know gRPC.</summary>
public static class MeshBuilderGrpcExtensions
{
    /// <summary>
    /// Makes <c>AddMeshRouting()</c> on a client of <c>AddGrpcClient()</c> do all that the mesh can do for gRPC: each call is routed once, also where the channel
    /// makes several attempts, timeouts of routes bind unary calls, and a channel that would bypass the mesh is refused. May be called more than once.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="configure">What all gRPC clients of the mesh have in common; options of a client's name come after it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeshBuilder UseGrpc(this MeshBuilder builder, Action<MeshGrpcOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<GrpcClientFactoryOptions>, MeshedGrpcClients>());
        if (configure is not null)
        {
            builder.Services.ConfigureAll(configure);
        }

        return builder;
    }
}
