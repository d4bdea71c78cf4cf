using MeshSdk;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CanaryDemo;

/// <summary>An application that takes part in the mesh as a client, with all that it does for that.</summary>
internal sealed class ClientPod : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private ClientPod(ServiceProvider services)
    {
        _services = services;
        Mesh = services.GetRequiredService<Mesh>();
        Client = services.GetRequiredService<IHttpClientFactory>().CreateClient("canary");
    }

    public Mesh Mesh { get; }

    public HttpClient Client { get; }

    /// <param name="kubeconfig">Of the cluster that it follows.</param>
    /// <param name="identity">Who it is; null: it has no identity, and can call in plaintext alone.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<ClientPod> StartAsync(string kubeconfig, ICertificateSource? identity, CancellationToken cancellationToken)
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

    private static ServiceProvider BuildServices(string kubeconfig, ICertificateSource? identity)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging

            // That it calls in plaintext since it has no identity is what the story begins with, and no news.
            .SetMinimumLevel(identity is null ? LogLevel.Error : LogLevel.Warning)
            .AddSimpleConsole(console => console.SingleLine = true)
            .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        services.AddMesh(mesh => mesh
            .UseKubernetes(kubernetes =>
            {
                kubernetes.Kubeconfig = kubeconfig;

                // All pods of the demo share one machine, which may be busy.
                kubernetes.FirstCallTimeout = TimeSpan.FromSeconds(30);
            })
            .Configure(options =>
            {
                options.Namespace = Cluster.Namespace; // where "backend" is looked up

                // The DestinationRules want ISTIO_MUTUAL. In a pod this is not needed: the certificates of Istio's agent or of a CSI driver are found there.
                options.Identity.Source = identity;
                options.Identity.Detect = identity is not null;
            }));
        services.AddHttpClient("canary").AddMeshRouting(options => options.RecordCalls = true);
        return services.BuildServiceProvider();
    }
}
