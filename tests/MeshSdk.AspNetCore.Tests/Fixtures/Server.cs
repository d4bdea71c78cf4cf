using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>How a <see cref="Server"/> differs from one with an identity at one port of its own.</summary>
internal sealed record ServerSetup
{
    public const string Id = "spiffe://cluster.local/ns/shop/sa/backend";

    /// <summary>Who it is; null: <see cref="Source"/> says.</summary>
    public MeshIdentity? Identity { get; init; }

    /// <summary>Where its identity comes from; null where there is none at all.</summary>
    public ICertificateSource? Source { get; init; }

    public Action<MeshServerOptions>? Options { get; init; }

    public Action<MeshOptions>? Mesh { get; init; }

    /// <summary>Where it listens; null: at a port of the loopback address.</summary>
    public Action<WebApplicationBuilder>? Listen { get; init; }

    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1AndHttp2;

    public string Manifests { get; init; } = "";

    public TimeProvider? Time { get; init; }

    public RequestDelegate? Handle { get; init; }

    public LogLevel Level { get; init; } = LogLevel.Debug;
}

/// <summary>A server of the mesh whose every side can be turned, and of which everything that it logs is kept.</summary>
internal sealed class Server : IAsyncDisposable
{
    private Server(WebApplication app, InMemorySource configuration, Log log) => (App, Configuration, Log) = (app, configuration, log);

    public WebApplication App { get; }

    public InMemorySource Configuration { get; }

    public Log Log { get; }

    public MeshServer Mesh => App.Services.GetRequiredService<MeshServer>();

    public IPEndPoint EndPoint => new(IPAddress.Loopback, new Uri(App.Urls.First()).Port);

    /// <summary>One that is not started.</summary>
    public static Server Create(ServerSetup setup)
    {
        var configuration = new InMemorySource();
        if (setup.Manifests.Length > 0)
        {
            configuration.Apply(setup.Manifests);
        }

        var log = new Log();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(log).SetMinimumLevel(setup.Level).AddFilter("Microsoft", LogLevel.Information).AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Debug);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseMeshIdentity(setup.Options);
        if (setup.Time is { } time)
        {
            builder.Services.AddSingleton(time);
        }

        if (setup.Listen is { } listen)
        {
            listen(builder);
        }
        else
        {
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                // Kestrel warns where its default is set in so many words.
                if (setup.Protocols != HttpProtocols.Http1AndHttp2)
                {
                    endpoint.Protocols = setup.Protocols;
                }
            }));
        }

        builder.Services.AddRoutingCore();
        builder.Services.AddMesh(mesh => mesh.UseInMemory(configuration).Configure(options =>
        {
            options.Namespace = "shop";
            options.Labels["app"] = "backend";
            options.Identity.Source = setup.Source ?? (setup.Identity is { } identity ? new InMemoryCertificateSource(identity) : null);
            setup.Mesh?.Invoke(options);
        }));
        var app = builder.Build();
        app.Run(setup.Handle ?? (static context => context.Response.WriteAsync(
            $"{context.Features.Get<IMeshPeerFeature>()?.Peer?.Id.ToString() ?? "nobody"} {context.Request.Protocol}")));
        return new Server(app, configuration, log);
    }

    public static async Task<Server> StartAsync(ServerSetup setup)
    {
        var server = Create(setup);
        try
        {
            await server.App.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await server.App.DisposeAsync();
            throw;
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await App.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await App.DisposeAsync();
    }
}

/// <summary>Everything that was logged.</summary>
internal sealed class Log : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Category, string Text)> _lines = new();

    public IReadOnlyList<(LogLevel Level, string Category, string Text)> Lines => [.. _lines];

    /// <summary>What was said of refused connections, at the level of people and not of developers.</summary>
    public IEnumerable<string> Refusals => Lines.Where(static line => line.Category == "MeshSdk.AspNetCore.Callers" && line.Level > LogLevel.Debug).Select(static line => line.Text);

    public Task<string> RefusalAsync() => Eventually.HoldsAsync(() => string.Join('\n', Refusals), static text => text.Length > 0, "a refusal in the log");

    public Task<string> LineAsync(string part) => Eventually.HoldsAsync(
        () => Lines.Select(static line => line.Text).FirstOrDefault(text => text.Contains(part, StringComparison.Ordinal)) ?? "",
        static text => text.Length > 0,
        $"a line with '{part}'");

    public ILogger CreateLogger(string categoryName) => new Category(_lines, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(ConcurrentQueue<(LogLevel, string, string)> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((logLevel, category, $"{formatter(state, exception)}{(exception is null ? "" : " " + exception)}"));
    }
}
