using Grpc.Net.Client;
using Grpc.Net.ClientFactory;
using MeshSdk.Grpc.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MeshSdk.Grpc.DependencyInjection;

/// <summary>
/// Looks at all gRPC clients that the mesh routes when the host starts, so that one that would pass the mesh by is found then, and not by its first call.
/// </summary>
internal sealed class GrpcClientsCheck(
    IEnumerable<IConfigureOptions<GrpcClientFactoryOptions>> registrations,
    IOptionsMonitor<GrpcClientFactoryOptions> clients,
    IOptionsMonitor<MeshClientOptions> routed,
    IOptionsMonitor<MeshGrpcOptions> options,
    IHttpMessageHandlerFactory handlers) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Names())
        {
            if (routed.Get(name).Enabled)
            {
                // Each of these finds faults of its own.
                _ = options.Get(name);
                CheckChannel(name, clients.Get(name));
            }
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Every client of the factory is configured by its name, if only by the empty lambda of AddGrpcClient().
    private IEnumerable<string> Names() => registrations
        .OfType<ConfigureNamedOptions<GrpcClientFactoryOptions>>()
        .Select(static registration => registration.Name)
        .OfType<string>()
        .Distinct(StringComparer.Ordinal);

    // As the factory does it, on options that no channel is made of. The handlers are those that the channel will have: the factory keeps them.
    private void CheckChannel(string name, GrpcClientFactoryOptions client)
    {
        var scratch = new GrpcChannelOptions { HttpHandler = handlers.CreateHandler(name) };
        foreach (var action in client.ChannelOptionsActions)
        {
            try
            {
                action(scratch);
            }
            catch (Exception e) when (e is not ChannelBypassException)
            {
                // The application's own, which may need what is not there yet. When the channel is made it is asked again, and heard.
            }
        }
    }
}
