using System.Net;

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

    public static async Task<Backends> StartAsync(CancellationToken cancellationToken)
    {
        var backends = new Backends();
        try
        {
            foreach (var (version, address) in Wanted)
            {
                backends._running.Add(await Backend.StartAsync(version, IPAddress.Parse(address), cancellationToken));
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
