using GrpcCanary.Client;
using GrpcCanary.Server;
using GrpcCanary.Steps;

namespace GrpcCanary;

/// <summary>The demo from beginning to end.</summary>
internal static class Demo
{
    /// <returns>Whether all came out as it should.</returns>
    public static async Task<bool> RunAsync(DemoOptions options, Report report, CancellationToken cancellationToken)
    {
        using var identities = new Identities();
        await using var cluster = await Cluster.StartAsync(cancellationToken);
        await using var fleet = await Fleet.StartAsync(identities, cluster, cancellationToken);
        await using var client = await ClientPod.StartAsync(cluster.Kubeconfig, identities.Of(ClientPod.Account), cancellationToken);
        using var api = cluster.CreateClient();
        foreach (var version in fleet.All.GroupBy(server => server.Version))
        {
            report.Line($"backend-{version.Key}: {string.Join(", ", version.Select(server => server.Address))}");
        }

        report.Line($"kubernetes: an API server in this process, at {cluster.Address.GetLeftPart(UriPartial.Authority)}, with mesh/*.yaml applied, the servers as pods");
        var pods = fleet.All.Select(server => server.Pod).ToList();
        await new UnaryCalls(client.Greeter, pods, report).RunAsync(cancellationToken);
        await new OwnRules(client.Greeter, report).RunAsync(cancellationToken);
        await new ServerStream(client.Greeter, report).RunAsync(cancellationToken);
        await new BrokenEndpoint(client.Greeter, fleet, report).RunAsync(cancellationToken);
        await new Rollout(client.Greeter, new Route(api, client.Mesh), pods, report).RunAsync(options.Phase, cancellationToken);
        report.End();
        return report.Holds;
    }
}
