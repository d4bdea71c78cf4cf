using MeshSdk.Conformance.Cases;
using MeshSdk.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Conformance.Cluster;

/// <summary>An application of a namespace with the mesh in it, by dependency injection and over watches, as applications have it.</summary>
internal sealed class Caller : IAsyncDisposable
{
    private readonly string _kubeconfig;
    private readonly ServiceProvider _services;

    private Caller(string kubeconfig, ServiceProvider services, HttpMessageInvoker invoker)
    {
        _kubeconfig = kubeconfig;
        _services = services;
        Invoker = invoker;
    }

    /// <summary>Sends through the mesh, and follows no redirects.</summary>
    public HttpMessageInvoker Invoker { get; }

    public Mesh Mesh => _services.GetRequiredService<Mesh>();

    public static async Task<Caller> StartAsync(EmbeddedKubernetes api, Scenario scenario, string ns)
    {
        var kubeconfig = Path.Combine(Path.GetTempPath(), $"conformance-{Guid.NewGuid():N}");
        api.WriteKubeconfig(kubeconfig, ns);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(scenario.Settings).Build());
        services.AddMesh(mesh => mesh
            .Configure(options => options.Namespace = ns)
            .UseKubernetes(options =>
            {
                options.Kubeconfig = kubeconfig;
                options.Namespaces = [.. Names.All];
                options.Scope = scenario.Scope;
                options.FirstCallTimeout = TimeSpan.FromSeconds(20);
            }));
        services.AddHttpClient("conformance")
            .ConfigurePrimaryHttpMessageHandler(static () => new OutsideWorld())
            .AddMeshRouting(static client => client.AllowAutoRedirect = false);
        var provider = services.BuildServiceProvider();
        var caller = new Caller(
            kubeconfig, provider, new HttpMessageInvoker(provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("conformance"), disposeHandler: false));
        await caller.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return caller;
    }

    public async Task<Answer> SendAsync(Call call, Version version)
    {
        using var request = call.ToRequest(version);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var response = await Invoker.SendAsync(request, limit.Token);
        return await Answer.ReadAsync(response, call, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Invoker.Dispose();
        await _services.DisposeAsync();
        File.Delete(_kubeconfig);
    }
}
