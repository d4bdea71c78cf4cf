using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A real server that answers when a test lets it, and knows how many requests it had at once.</summary>
internal sealed class HoldingServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _let = new(0);
    private readonly Lock _gate = new();
    private int _active;

    private HoldingServer()
    {
    }

    public EchoServer Server { get; private set; } = null!;

    public System.Net.IPEndPoint EndPoint => Server.EndPoint;

    public int Active => Volatile.Read(ref _active);

    /// <summary>The most that there were at once.</summary>
    public int HighWater { get; private set; }

    public static async Task<HoldingServer> StartAsync(HttpProtocols protocols = HttpProtocols.Http1)
    {
        var holding = new HoldingServer();
        holding.Server = await EchoServer.StartAsync("holding", protocols, holding.HandleAsync);
        return holding;
    }

    /// <summary>Lets that many requests go, those that are there and those to come.</summary>
    public void Let(int requests = 1_000_000) => _let.Release(requests);

    public Task HoldsAsync(int requests) => Eventually.HoldsAsync(() => Active, active => active == requests, $"{requests} requests at the server");

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        lock (_gate)
        {
            HighWater = Math.Max(HighWater, ++_active);
        }

        try
        {
            await _let.WaitAsync(context.RequestAborted);
        }
        finally
        {
            // Before the end of the response, which is what makes room at the client.
            lock (_gate)
            {
                _active--;
            }
        }

        await context.Response.WriteAsync("ok");
    }
}
