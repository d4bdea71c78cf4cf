using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Grpc.Tests.Fixtures;

/// <summary>A real gRPC server on loopback, which answers <c>test.Echo</c>.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedCall> _calls = [];
    private readonly ConcurrentDictionary<string, ConnectionContext> _connections = [];
    private WebApplication _app = null!;

    private EchoServer(string name) => Name = name;

    public string Name { get; }

    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>Every call that has arrived, in order of arrival.</summary>
    public IReadOnlyCollection<ReceivedCall> Calls => _calls;

    /// <summary>What is done with a call before it is answered: throw to fail it, wait to be slow.</summary>
    public Func<ServerCallContext, Task>? OnCall { get; set; }

    /// <summary>What is done when all that the client sends of a unary call or a client's stream has been read.</summary>
    public Func<ServerCallContext, Task>? AfterRead { get; set; }

    /// <summary>What is done after each reply of a stream.</summary>
    public Func<ServerCallContext, Task>? OnReplied { get; set; }

    /// <param name="name">What it answers with.</param>
    /// <param name="onCall">See <see cref="OnCall"/>.</param>
    /// <param name="configure">What is other than usual.</param>
    /// <param name="build">What else it has: an identity, say.</param>
    /// <param name="application">What stands before the service.</param>
    /// <param name="health">What it says of itself; null: it has no health service.</param>
    public static async Task<EchoServer> StartAsync(
        string name, Func<ServerCallContext, Task>? onCall = null, Action<KestrelServerOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null, Action<WebApplication>? application = null, HealthServiceImpl? health = null)
    {
        var server = new EchoServer(name) { OnCall = onCall };
        var builder = WebApplication.CreateSlimBuilder();
        build?.Invoke(builder);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next => async connection =>
                {
                    server._connections.TryAdd(connection.ConnectionId, connection);
                    await next(connection);
                    server._connections.TryRemove(connection.ConnectionId, out _);
                });
            });
            configure?.Invoke(options);
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(server);
        if (health is not null)
        {
            builder.Services.AddSingleton(health);
        }

        server._app = builder.Build();
        application?.Invoke(server._app);
        if (health is not null)
        {
            server._app.MapGrpcService<HealthServiceImpl>();
        }

        server._app.MapGrpcService<EchoService>();
        await server._app.StartAsync();
        server.EndPoint = IPEndPoint.Parse(new Uri(server._app.Urls.First()).Authority);
        return server;
    }

    public Task RepliedAsync(ServerCallContext context) => OnReplied?.Invoke(context) ?? Task.CompletedTask;

    public Task ReceiveAsync(ServerCallContext context)
    {
        _calls.Enqueue(new ReceivedCall(context.Method, [.. context.RequestHeaders.Select(static entry => (entry.Key, entry.IsBinary ? "" : entry.Value))], context.Deadline));
        return OnCall?.Invoke(context) ?? Task.CompletedTask;
    }

    /// <summary>How many connections are open.</summary>
    public int Connections => _connections.Count;

    /// <summary>Breaks all connections off.</summary>
    public void AbortConnections()
    {
        foreach (var (_, connection) in _connections)
        {
            connection.Abort();
        }
    }

    /// <summary>Says goodbye to all connections, and waits for the calls that are under way.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        // At once: calls that a test has left open would be waited for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await _app.DisposeAsync();
    }
}

/// <summary>What arrived.</summary>
internal sealed record ReceivedCall(string Method, IReadOnlyList<(string Name, string Value)> Metadata, DateTime Deadline)
{
    public string? Find(string name) => Metadata.FirstOrDefault(entry => entry.Name == name).Value;
}
