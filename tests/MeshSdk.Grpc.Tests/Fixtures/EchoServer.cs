using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Grpc.Tests.Fixtures;

/// <summary>A real gRPC server on loopback, which answers <c>test.Echo</c>.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedCall> _calls = [];
    private WebApplication _app = null!;

    private EchoServer(string name) => Name = name;

    public string Name { get; }

    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>Every call that has arrived, in order of arrival.</summary>
    public IReadOnlyCollection<ReceivedCall> Calls => _calls;

    /// <summary>What is done with a call before it is answered: throw to fail it, wait to be slow.</summary>
    public Func<ServerCallContext, Task>? OnCall { get; set; }

    /// <param name="name">What it answers with.</param>
    /// <param name="onCall">See <see cref="OnCall"/>.</param>
    /// <param name="configure">What is other than usual.</param>
    /// <param name="health">What it says of itself; null: it has no health service.</param>
    public static async Task<EchoServer> StartAsync(string name, Func<ServerCallContext, Task>? onCall = null, Action<KestrelServerOptions>? configure = null, HealthServiceImpl? health = null)
    {
        var server = new EchoServer(name) { OnCall = onCall };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
            configure?.Invoke(options);
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(server);
        if (health is not null)
        {
            builder.Services.AddSingleton(health);
        }

        server._app = builder.Build();
        if (health is not null)
        {
            server._app.MapGrpcService<HealthServiceImpl>();
        }

        server._app.MapGrpcService<EchoService>();
        await server._app.StartAsync();
        server.EndPoint = IPEndPoint.Parse(new Uri(server._app.Urls.First()).Authority);
        return server;
    }

    public Task ReceiveAsync(ServerCallContext context)
    {
        _calls.Enqueue(new ReceivedCall(context.Method, [.. context.RequestHeaders.Select(static entry => (entry.Key, entry.IsBinary ? "" : entry.Value))], context.Deadline));
        return OnCall?.Invoke(context) ?? Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>What arrived.</summary>
internal sealed record ReceivedCall(string Method, IReadOnlyList<(string Name, string Value)> Metadata, DateTime Deadline)
{
    public string? Find(string name) => Metadata.FirstOrDefault(entry => entry.Name == name).Value;
}
