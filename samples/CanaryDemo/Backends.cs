using System.Net;
using CanaryDemo.Identity;

namespace CanaryDemo;

/// <summary>The backends of the demo: three of v1 and two of v2.</summary>
internal sealed class Backends : IAsyncDisposable
{
    private static readonly (string Version, string Address)[] Wanted =
    [
        ("v1", "127.0.1.1"),
        ("v1", "127.0.1.2"),
        ("v1", "127.0.1.3"),
        ("v2", "127.0.2.1"),
        ("v2", "127.0.2.2"),
    ];

    private readonly List<Backend> _running = [];

    public IReadOnlyList<Pod> Pods => [.. _running.Select(backend => backend.Pod)];

    /// <summary>Whether every one has been connected to with the certificate that it has now.</summary>
    public bool AreAllReconnected => _running.TrueForAll(backend => backend.Certificates.Connections > 0);

    public static async Task<Backends> StartAsync(Agent agent, CancellationToken cancellationToken)
    {
        var backends = new Backends();
        try
        {
            foreach (var (version, address) in Wanted)
            {
                backends._running.Add(await Backend.StartAsync(version, IPAddress.Parse(address), agent, cancellationToken));
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
}
