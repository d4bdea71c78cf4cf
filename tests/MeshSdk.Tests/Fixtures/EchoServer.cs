using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tests.Fixtures;

/// <summary>What a server saw of a request.</summary>
internal sealed record Echo(string Server, string Method, string Target, string Protocol, string Connection, Dictionary<string, string> Headers, string Body)
{
    public static async Task<Echo> ReadAsync(HttpResponseMessage response)
    {
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<Echo>())!;
    }
}

/// <summary>A real server on a free port of the loopback address. Says who it is and what it was sent, unless a test gives it something else to do.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;
    private int _connections;
    private int _openConnections;

    private EchoServer(WebApplication app) => _app = app;

    public IPEndPoint EndPoint { get; private set; } = null!;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How many were ever opened.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public int OpenConnections => Volatile.Read(ref _openConnections);

    /// <summary>What it was sent, as <c>METHOD target</c>, in order of arrival.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public static Task<EchoServer> StartAsync(string name, RequestDelegate handle) => StartAsync(name, HttpProtocols.Http1, handle);

    public static async Task<EchoServer> StartAsync(
        string name = "echo", HttpProtocols protocols = HttpProtocols.Http1, RequestDelegate? handle = null, X509Certificate2? certificate = null,
        int streams = 100)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        EchoServer? server = null;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = streams;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }

                listen.Use(next => async connection =>
                {
                    Interlocked.Increment(ref server!._connections);
                    Interlocked.Increment(ref server._openConnections);
                    await next(connection);
                    Interlocked.Decrement(ref server._openConnections);
                });
            });
        });
        var app = builder.Build();
        server = new EchoServer(app);
        app.UseWebSockets();
        app.Run(context =>
        {
            Interlocked.Increment(ref server._requests);
            server.Log.Enqueue($"{context.Request.Method} {TargetOf(context)}");
            return handle is null ? EchoAsync(name, context) : handle(context);
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.EndPoint = new IPEndPoint(IPAddress.Loopback, new Uri(address).Port);
        return server;
    }

    public static async Task EchoAsync(string name, HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var echo = new Echo(
            name,
            context.Request.Method,
            TargetOf(context),
            context.Request.Protocol,
            context.Connection.Id,
            context.Request.Headers.ToDictionary(static h => h.Key.ToLowerInvariant(), static h => h.Value.ToString()),
            await reader.ReadToEndAsync());
        await context.Response.WriteAsJsonAsync(echo);
    }

    public async ValueTask DisposeAsync()
    {
        // Connections of a mesh that is still up would make a graceful stop wait for its timeout.
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

    // As it came over the wire, escapes and all.
    private static string TargetOf(HttpContext context) => context.Features.Get<IHttpRequestFeature>()!.RawTarget;
}
