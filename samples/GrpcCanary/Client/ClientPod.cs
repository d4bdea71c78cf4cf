using Grpc.Core;
using Grpc.Net.Client.Configuration;
using GrpcCanary.Protos;
using MeshSdk;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace GrpcCanary.Client;

/// <summary>An application that takes part in the mesh as a client, with all that it does for that.</summary>
internal sealed class ClientPod : IAsyncDisposable
{
    /// <summary>The service account that it runs under.</summary>
    public const string Account = "client";

    private readonly ServiceProvider _services;

    private ClientPod(ServiceProvider services)
    {
        _services = services;
        Mesh = services.GetRequiredService<Mesh>();
        Greeter = services.GetRequiredService<Greeter.GreeterClient>();
    }

    public Mesh Mesh { get; }

    public Greeter.GreeterClient Greeter { get; }

    public static async Task<ClientPod> StartAsync(string kubeconfig, ICertificateSource identity, CancellationToken cancellationToken)
    {
        var pod = new ClientPod(BuildServices(kubeconfig, identity));
        try
        {
            // No host here that would start the mesh; the first call would do it too.
            await pod.Mesh.WaitUntilReadyAsync(cancellationToken);
            return pod;
        }
        catch
        {
            await pod.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static ServiceProvider BuildServices(string kubeconfig, ICertificateSource identity)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Grpc", LogLevel.None) // the demo says itself what became of each call
            .AddSimpleConsole(console => console.SingleLine = true)
            .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        services.AddMesh(mesh => mesh
            .UseGrpc()
            .UseKubernetes(kubernetes =>
            {
                kubernetes.Kubeconfig = kubeconfig;

                // All pods of the demo share one machine, which may be busy.
                kubernetes.FirstCallTimeout = TimeSpan.FromSeconds(30);
            })
            .Configure(options =>
            {
                options.Namespace = Cluster.Namespace; // where "backend" is looked up

                // The DestinationRules want ISTIO_MUTUAL. In a pod this is not needed: certificates of Istio's agent or of a CSI driver are found there.
                options.Identity.Source = identity;
            }));
        services
            .AddGrpcClient<Greeter.GreeterClient>(client => client.Address = new Uri("http://backend:7070"))
            .ConfigureChannel(channel => channel.ServiceConfig = new ServiceConfig { MethodConfigs = { Retried } })
            .AddMeshRouting();
        return services.BuildServiceProvider();
    }

    // A GRPCRoute has no field for retries: the client says which of its calls may be made again, as in every gRPC client.
    private static MethodConfig Retried => new()
    {
        Names = { MethodName.Default },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = 3,
            InitialBackoff = TimeSpan.FromMilliseconds(10),
            MaxBackoff = TimeSpan.FromMilliseconds(100),
            BackoffMultiplier = 2,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };
}
