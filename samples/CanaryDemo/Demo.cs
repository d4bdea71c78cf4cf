using CanaryDemo.Identity;
using MeshSdk;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CanaryDemo;

/// <summary>The demo from beginning to end.</summary>
internal static class Demo
{
    /// <returns>Whether every call succeeded and every split was as its weights promise.</returns>
    public static async Task<bool> RunAsync(DemoOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var agent = new Agent();
        await using var backends = await Backends.StartAsync(agent, cancellationToken);
        await using var cluster = await Cluster.StartAsync(backends.Pods, cancellationToken);
        using var kubeconfig = options.KubeconfigOut is { } path ? KubeconfigFile.Write(path, cluster) : null;
        var caller = agent.Add("client");
        using var files = kubeconfig is null ? null : CertificateFiles.Write($"{kubeconfig.FullPath}-certs", caller);
        await using var services = BuildServices(cluster.Kubeconfig, SourceOf(caller));
        using var api = cluster.CreateClient();
        var route = new Route(api);
        report.Begin(backends.Pods, cluster.Address, caller, files?.FullPath);
        report.Route(await route.DescribeAsync(cancellationToken));

        // No host here that would start the mesh; the first call would do it too.
        var mesh = services.GetRequiredService<Mesh>();
        await mesh.WaitUntilReadyAsync(cancellationToken);

        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("canary");
        var first = await CallAsync(client, options.Requests, backends.Pods, report, cancellationToken);
        if (kubeconfig is not null && files is not null)
        {
            report.Commands(kubeconfig.FullPath, files.FullPath);
            return await new Steering(route, backends.Pods, report).RunAsync(client, options.Seconds, cancellationToken) && first;
        }

        var rollout = await new Rollout(mesh, route, backends, agent, report).RunAsync(client, options.Phase, cancellationToken);
        report.End(first && rollout);
        return first && rollout;
    }

    private static InMemoryCertificateSource SourceOf(Workload client)
    {
        var source = new InMemoryCertificateSource(client.Certificate.ToIdentity());
        client.Replaced += () => source.Update(client.Certificate.ToIdentity());
        return source;
    }

    /// <summary>What an application does to take part in the mesh.</summary>
    private static ServiceProvider BuildServices(string kubeconfig, ICertificateSource identity)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddSimpleConsole(console => console.SingleLine = true)
            .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        services.AddMesh(mesh => mesh
            .UseKubernetes(kubernetes => kubernetes.Kubeconfig = kubeconfig)
            .Configure(options =>
            {
                options.Namespace = Cluster.Namespace; // where "backend" is looked up

                // The DestinationRules want ISTIO_MUTUAL. In a pod this line is not needed: the certificates of Istio's agent or of a CSI driver are found there.
                options.Identity.Source = identity;
            }));
        services.AddHttpClient("canary").AddMeshRouting(options => options.RecordCalls = true);
        return services.BuildServiceProvider();
    }

    private static async Task<bool> CallAsync(
        HttpClient client, int requests, IReadOnlyList<Pod> pods, Report report, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        report.Calls(requests);
        for (var i = 0; i < requests; i++)
        {
            tally.Begin();
            var reply = await Reply.OfCallAsync(client, cancellationToken);
            tally.End(reply);
            report.Reply(reply);
        }

        var split = Split.Of(tally.Read(), new Weights(90, 10), pods, slack: 0);
        report.Split(split);
        return split.Holds;
    }
}
