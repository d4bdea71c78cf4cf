using CanaryDemo.Identity;

namespace CanaryDemo.Migrating;

/// <summary>
/// Takes a fleet from plaintext to STRICT mutual TLS while calls go on: servers first, then clients, and only then the order that plaintext is refused. The
/// route that divides the calls is never touched.
/// </summary>
internal sealed class Migration(Cluster cluster, Backends backends, Clients clients, Traffic traffic, Agent agent, MigrationReport report)
{
    // One round of the route reaches every pod.
    private const int Round = 20;

    private Tally _last = traffic.StartTally();

    /// <returns>Whether no call failed, and each phase came to what it is for.</returns>
    public static async Task<bool> RunAsync(TimeSpan phase, Report report, CancellationToken cancellationToken)
    {
        await using var agent = new Agent();
        await using var cluster = await Cluster.StartAsync(
            ["migration/destinationrules.yaml", "migration/peerauthentication-disable.yaml"], cancellationToken);
        await using var backends = await Backends.StartAsync(agent, cluster, Fleet.Plaintext, cancellationToken);
        await using var clients = await Clients.StartAsync(cluster.Kubeconfig, Traffic.Callers, cancellationToken);
        using var api = cluster.CreateClient();
        var route = new Route(api);
        var lines = new MigrationReport(report, backends.Pods);
        var (description, version) = (await route.DescribeAsync(cancellationToken), await route.ReadVersionAsync(cancellationToken));
        lines.Begin(description, version);

        await using var traffic = new Traffic(caller => clients[caller].Client, cancellationToken);
        var migration = new Migration(cluster, backends, clients, traffic, agent, lines);
        var holds = await migration.RunAsync(phase, cancellationToken);
        await traffic.StopAsync();

        var (requests, failed) = traffic.Total();
        var isUntouched = version == await route.ReadVersionAsync(cancellationToken);
        lines.End(await route.DescribeAsync(cancellationToken), await route.ReadVersionAsync(cancellationToken), requests, failed, holds && isUntouched && failed == 0);
        return holds && isUntouched && failed == 0;
    }

    private async Task<bool> RunAsync(TimeSpan phase, CancellationToken cancellationToken)
    {
        var holds = await BeginAsync(phase, cancellationToken);
        holds &= await TurnServersAsync(phase, cancellationToken);
        holds &= await TurnClientsAsync(phase, cancellationToken);
        holds &= await RefusePlaintextAsync(phase, cancellationToken);
        return await RefuseStrangersAsync(phase, cancellationToken) && holds;
    }

    private async Task<bool> BeginAsync(TimeSpan phase, CancellationToken cancellationToken)
    {
        report.Phase("A plaintext fleet: PeerAuthentication DISABLE, no pod has an identity");
        return Judge(await ObserveAsync(phase, cancellationToken), mutual: 0);
    }

    private async Task<bool> TurnServersAsync(TimeSpan phase, CancellationToken cancellationToken)
    {
        report.Phase("PeerAuthentication PERMISSIVE, then each server pod gets its identity, and after that the label that it answers mutual TLS");
        await cluster.ApplyAsync("migration/peerauthentication-permissive.yaml", cancellationToken);
        foreach (var backend in backends.All)
        {
            // The other way round clients would come by TLS before the server can answer it.
            await backend.GiveIdentityAsync(cancellationToken);
            await cluster.LabelAsync(backend.Pod, cancellationToken);
        }

        report.Servers(backends.All.Count);
        return Judge(await ObserveAsync(phase, cancellationToken), mutual: 0);
    }

    private async Task<bool> TurnClientsAsync(TimeSpan phase, CancellationToken cancellationToken)
    {
        report.Phase("Client pods are replaced one by one by such with an identity, which come by mutual TLS by themselves");
        var client = agent.Add("client");
        for (var number = 0; number < clients.Count; number++)
        {
            var replaced = await clients.ReplaceAsync(number, cluster.Kubeconfig, client.ToSource(), cancellationToken);
            report.Client(number + 1, clients.Count, await ObserveAsync(phase / 4, cancellationToken));

            // Its last call has been answered: the observation has waited for those of before.
            await replaced.DisposeAsync();
        }

        return Judge(await ObserveAsync(phase, cancellationToken), mutual: 1);
    }

    private async Task<bool> RefusePlaintextAsync(TimeSpan phase, CancellationToken cancellationToken)
    {
        report.Phase("PeerAuthentication STRICT");
        var refusal = await Refusal.OfAsync(
            token => Outsider.CallAsync(backends.Pods, token),
            "200 OK",
            () => cluster.ApplyAsync("migration/peerauthentication-strict.yaml", cancellationToken),
            Outsider.Closed,
            cancellationToken);
        report.Refusal("a plaintext caller outside of the mesh", refusal);
        return Judge(await ObserveAsync(phase, cancellationToken), mutual: 1) && refusal.Holds;
    }

    private async Task<bool> RefuseStrangersAsync(TimeSpan phase, CancellationToken cancellationToken)
    {
        report.Phase($"AuthorizationPolicy: of all accounts, only {Workload.IdOf("client")} may call");
        await using var stranger = await ClientPod.StartAsync(cluster.Kubeconfig, agent.Add("stranger").ToSource(), cancellationToken);
        var refusal = await Refusal.OfAsync(
            token => CallRoundAsync(stranger.Client, token),
            "200 OK",
            () => cluster.ApplyAsync("migration/authorizationpolicy.yaml", cancellationToken),
            "403 Forbidden",
            cancellationToken);
        report.Refusal($"a stranger, {Workload.IdOf("stranger")}", refusal);
        return Judge(await ObserveAsync(phase, cancellationToken), mutual: 1) && refusal.Holds;
    }

    private bool Judge(Stage stage, double mutual)
    {
        var holds = stage.Holds(mutual);
        report.Stage(stage, holds);
        return holds;
    }

    /// <summary>What becomes of the calls that are sent from now on, for a while.</summary>
    private async Task<Stage> ObserveAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var tally = traffic.StartTally();
        await _last.CompleteAsync(cancellationToken);
        var before = backends.Arrivals;
        await Task.Delay(duration, cancellationToken);

        // What is sent between two observations belongs to none, but it must not fail either.
        _last = traffic.StartTally();
        await tally.CompleteAsync(cancellationToken);
        return new Stage(Split.Of(tally.Read(), new Weights(90, 10), backends.Pods, Stage.Slack), backends.Arrivals - before);
    }

    private static async Task<IReadOnlyList<string>> CallRoundAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var answers = new List<string>();
        for (var call = 0; call < Round; call++)
        {
            var reply = await Reply.OfCallAsync(client, cancellationToken);
            answers.Add(reply.Succeeded ? "200 OK" : reply.Text.TrimEnd());
        }

        return answers;
    }
}
