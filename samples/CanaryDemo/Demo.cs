using CanaryDemo.Identity;
using CanaryDemo.Migrating;

namespace CanaryDemo;

/// <summary>The demo from beginning to end.</summary>
internal static class Demo
{
    /// <returns>Whether every call succeeded and every split was as its weights promise.</returns>
    public static async Task<bool> RunAsync(DemoOptions options, Report report, CancellationToken cancellationToken)
    {
        if (options.Migrate)
        {
            return await Migration.RunAsync(options.Seconds ?? TimeSpan.FromSeconds(2), report, cancellationToken);
        }

        await using var agent = new Agent();
        await using var cluster = await Cluster.StartAsync(["mesh/destinationrules.yaml"], cancellationToken);
        await using var backends = await Backends.StartAsync(agent, cluster, Fleet.Secured, cancellationToken);
        using var kubeconfig = options.KubeconfigOut is { } path ? KubeconfigFile.Write(path, cluster) : null;
        var caller = agent.Add("client");
        using var files = kubeconfig is null ? null : CertificateFiles.Write($"{kubeconfig.FullPath}-certs", caller);
        using var api = cluster.CreateClient();
        var route = new Route(api);
        report.Begin(backends.Pods, cluster.Address, caller, files?.FullPath);
        report.Route(await route.DescribeAsync(cancellationToken));

        await using var pod = await ClientPod.StartAsync(cluster.Kubeconfig, caller.ToSource(), cancellationToken);
        var client = pod.Client;
        var first = await CallAsync(client, options.Requests, backends.Pods, report, cancellationToken);
        if (kubeconfig is not null && files is not null)
        {
            report.Commands(kubeconfig.FullPath, files.FullPath);
            return await new Steering(route, backends.Pods, report).RunAsync(client, options.Seconds, cancellationToken) && first;
        }

        var rollout = await new Rollout(pod.Mesh, route, backends, agent, report).RunAsync(client, options.Phase, cancellationToken);
        report.End(first && rollout);
        return first && rollout;
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
