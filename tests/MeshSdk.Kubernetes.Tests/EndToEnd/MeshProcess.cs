using System.Net;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Watching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>How a process finds the API server.</summary>
public enum Credentials
{
    Kubeconfig,
    ServiceAccount,
}

/// <summary>An application with the mesh in it, as an application has it: by dependency injection, with an HttpClient and health checks.</summary>
internal sealed class MeshProcess : IAsyncDisposable
{
    /// <summary>How long a process may wait by the system's clock for what it needs: the defaults are meant for machines that have time for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ServiceProvider _services;
    private readonly HttpClient _client;

    private MeshProcess(IServiceCollection services)
    {
        services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(Log)).SetMinimumLevel(LogLevel.Information));
        services.AddHealthChecks().AddMesh();
        services.AddHttpClient("backend")
            .ConfigurePrimaryHttpMessageHandler(static () => new OutsideWorld())
            .AddMeshRouting(static client => client.RecordCalls = true);
        _services = services.BuildServiceProvider();
        _client = _services.GetRequiredService<IHttpClientFactory>().CreateClient("backend");
    }

    public Mesh Mesh => _services.GetRequiredService<Mesh>();

    public FakeLogCollector Log { get; } = new();

    public static MeshProcess Start(
        CanaryCluster cluster,
        Action<MeshKubernetesOptions>? kubernetes = null,
        Action<MeshOptions>? configure = null,
        TimeProvider? time = null,
        Credentials credentials = Credentials.Kubeconfig)
    {
        var services = new ServiceCollection();
        if (time is not null)
        {
            services.AddSingleton(time);
        }

        if (credentials == Credentials.ServiceAccount)
        {
            services.AddSingleton<ReflectorConnector>(provider => InPod(cluster, provider));
        }

        services.AddMesh(mesh => mesh
            .Configure(options =>
            {
                options.Security = MeshSecurity.Off;
                options.Startup.Timeout = time is null ? Patience : options.Startup.Timeout;
            })
            .Configure(configure ?? (static _ => { }))
            .UseKubernetes(options =>
            {
                options.Kubeconfig = credentials == Credentials.Kubeconfig ? cluster.Kubeconfig : null;
                options.ServiceAccountDirectory = credentials == Credentials.ServiceAccount ? cluster.ServiceAccount : cluster.Files.At("none");
                options.FirstCallTimeout = time is null ? Patience : options.FirstCallTimeout;

                // For want of TLS nothing else asks for them.
                options.Pods = MeshKubernetesPods.Always;
                kubernetes?.Invoke(options);
            }));
        return new MeshProcess(services);
    }

    /// <summary>The same, and waits until it is ready.</summary>
    public static async Task<MeshProcess> StartReadyAsync(
        CanaryCluster cluster,
        Action<MeshKubernetesOptions>? kubernetes = null,
        Action<MeshOptions>? configure = null,
        TimeProvider? time = null,
        Credentials credentials = Credentials.Kubeconfig)
    {
        var process = Start(cluster, kubernetes, configure, time, credentials);
        await process.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        return process;
    }

    public async Task<Reply> GetAsync(string uri = "http://backend")
    {
        using var response = await _client.GetAsync(uri, TestContext.Current.CancellationToken);
        return new Reply(
            (int)response.StatusCode,
            response.ReasonPhrase ?? "",
            response.GetMeshCall()?.Flags ?? "",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A gRPC call that the mesh itself answers: the code and the message.</summary>
    public async Task<(int Status, string Message)> CallAsync(string method, string host = "backend")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{host}/{method}") { Version = HttpVersion.Version20, Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new("application/grpc");
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return (
            int.Parse(response.Headers.GetValues("grpc-status").Single(), System.Globalization.CultureInfo.InvariantCulture),
            Uri.UnescapeDataString(response.Headers.GetValues("grpc-message").Single()));
    }

    /// <summary>Calls one after the other, all of which have to succeed, and counts the answers.</summary>
    public async Task<string> TallyAsync(int count, string uri = "http://backend")
    {
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var reply = await GetAsync(uri);
            Assert.True(reply.Status == 200, reply.ToString());
            tally[reply.Body] = tally.GetValueOrDefault(reply.Body) + 1;
        }

        return string.Join(" ", tally.Select(entry => $"{entry.Key}={entry.Value}"));
    }

    public async Task<HealthReportEntry> HealthAsync() =>
        (await _services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["mesh"];

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _services.DisposeAsync();
    }

    private static ReflectorConnector InPod(CanaryCluster cluster, IServiceProvider provider) => async cancellationToken =>
    {
        var time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
        var search = new ConnectionSearch(provider.GetRequiredService<IOptions<MeshKubernetesOptions>>().Value, time)
        {
            Environment = name => name switch
            {
                InClusterSettings.HostVariable => cluster.Api.Address.Host,
                InClusterSettings.PortVariable => $"{cluster.Api.Address.Port}",
                _ => null,
            },
        };
        return await ReflectorFactory.CreateAsync(
            search, provider.GetRequiredService<ILoggerFactory>(), time, Random.Shared, meters: null, cancellationToken);
    };

    /// <summary>Where calls go that are none of the mesh's.</summary>
    private sealed class OutsideWorld : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new StringContent("outside") });
    }
}

internal sealed record Reply(int Status, string Reason, string Flags, string Body);
