namespace GrpcCanary.Server;

/// <summary>The servers of the demo: three of v1 and two of v2.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly (string Version, int Number)[] Wanted = [("v1", 1), ("v1", 2), ("v1", 3), ("v2", 1), ("v2", 2)];

    private readonly List<GreeterServer> _running = [];

    public IReadOnlyList<GreeterServer> All => _running;

    /// <summary>Starts them, and then registers them with the cluster as pods.</summary>
    public static async Task<Fleet> StartAsync(Identities identities, Cluster cluster, CancellationToken cancellationToken)
    {
        var fleet = new Fleet();
        try
        {
            foreach (var (version, number) in Wanted)
            {
                fleet._running.Add(await GreeterServer.StartAsync(
                    version, number, cluster.Kubeconfig, identities.Of($"backend-{version}"), cancellationToken));
            }

            foreach (var server in fleet._running)
            {
                await cluster.RegisterAsync(server.Pod, cancellationToken);
            }

            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _running)
        {
            await server.DisposeAsync();
        }
    }
}
