using System.Net;
using CanaryDemo.Identity;

namespace CanaryDemo;

/// <summary>The backends of the demo: three of v1 and two of v2.</summary>
internal sealed class Backends : IAsyncDisposable
{
    private static readonly Pod[] Wanted =
    [
        new("v1", 1, At("127.0.1.1")),
        new("v1", 2, At("127.0.1.2")),
        new("v1", 3, At("127.0.1.3")),
        new("v2", 1, At("127.0.2.1")),
        new("v2", 2, At("127.0.2.2")),
    ];

    private readonly List<Backend> _running = [];

    public IReadOnlyList<Backend> All => _running;

    public IReadOnlyList<Pod> Pods => [.. _running.Select(backend => backend.Pod)];

    /// <summary>How the requests of all have come so far.</summary>
    public Arrivals Arrivals => _running.Aggregate(default(Arrivals), (sum, backend) => sum + backend.Arrivals);

    /// <summary>Whether every one has been called over a connection that was made with the certificate that it has now.</summary>
    public bool AreAllReconnected => _running.TrueForAll(backend => backend.IsReconnected);

    /// <summary>Starts them, and then registers them with the cluster as pods.</summary>
    public static async Task<Backends> StartAsync(Agent agent, Cluster cluster, Fleet fleet, CancellationToken cancellationToken)
    {
        var backends = new Backends();
        try
        {
            foreach (var pod in Wanted)
            {
                backends._running.Add(await Backend.StartAsync(pod, agent, cluster.Kubeconfig, fleet, cancellationToken));
            }

            foreach (var pod in backends.Pods)
            {
                await cluster.RegisterAsync(pod, fleet.HasIdentity, cancellationToken);
            }

            return backends;
        }
        catch
        {
            await backends.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var backend in _running)
        {
            await backend.DisposeAsync();
        }
    }

    private static IPEndPoint At(string address) => new(IPAddress.Parse(address), Pod.ContainerPort);
}
