using Grpc.Net.Client.Configuration;
using Grpc.Net.ClientFactory;
using MeshSdk.Grpc.Calls;
using MeshSdk.Grpc.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MeshSdk.Grpc.DependencyInjection;

/// <summary>
/// Puts the mesh's interceptor into the clients of the factory that the mesh routes, below all others, after everybody else has configured them; and looks at
/// each channel before it is made.
/// </summary>
internal sealed class MeshedGrpcClients(IServiceProvider services, IOptionsMonitor<MeshClientOptions> clients, IOptionsMonitor<MeshGrpcOptions> options)
    : IPostConfigureOptions<GrpcClientFactoryOptions>
{
    public void PostConfigure(string? name, GrpcClientFactoryOptions client)
    {
        name ??= Options.DefaultName;
        if (!clients.Get(name).Enabled)
        {
            return;
        }

        ServiceConfig? config = null;
        client.ChannelOptionsActions.Add(channel =>
        {
            ChannelGuard.Check(name, client.Address, channel);
            config = channel.ServiceConfig;
        });
        client.InterceptorRegistrations.Add(new InterceptorRegistration(InterceptorScope.Channel, _ => new MeshInterceptor(PlanOf(name, config))));
    }

    // Resolved late: the mesh may itself be made while a client is.
    private CallPlan PlanOf(string name, ServiceConfig? config)
    {
        var mesh = services.GetRequiredService<Mesh>();
        return new CallPlan(mesh.Runtime.Engine.Methods, options.Get(name), config, mesh.Runtime.Time);
    }
}
