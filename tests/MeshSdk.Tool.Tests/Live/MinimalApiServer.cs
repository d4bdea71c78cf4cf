using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Tests.Live;

/// <summary>
/// The least that passes for an API server: plain HTTP/1.1, no credentials, no discovery. It knows GET for the lists of objects and takes no notice of any
/// query but <c>watch=true</c>: no pages, no bookmarks, no initial events.
/// </summary>
internal sealed class MinimalApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, string> _lists;

    private MinimalApiServer(WebApplication app, Dictionary<string, string> lists) => (_app, _lists) = (app, lists);

    /// <summary>How it answers a watch.</summary>
    public WatchStyle Watches { get; set; }

    public string Kubeconfig(string ns) =>
        $$"""
        apiVersion: v1
        kind: Config
        current-context: minimal
        clusters: [{ name: minimal, cluster: { server: "{{_app.Urls.Single()}}" } }]
        contexts: [{ name: minimal, context: { cluster: minimal, user: "", namespace: {{ns}} } }]
        """;

    /// <param name="lists">The items by the end of the path, as in <c>namespaces/shop/services</c>; JSON.</param>
    public static async Task<MinimalApiServer> StartAsync(Dictionary<string, string> lists)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var server = new MinimalApiServer(builder.Build(), lists);
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var items = _lists.FirstOrDefault(list => context.Request.Path.Value!.EndsWith($"/v1/{list.Key}", StringComparison.Ordinal)).Value;
        if (items is null)
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.ContentType = "application/json";
        if (context.Request.Query["watch"] != "true" || Watches == WatchStyle.AnsweredAsLists)
        {
            await context.Response.WriteAsync($$"""{ "kind": "List", "apiVersion": "v1", "metadata": {}, "items": [{{items}}] }""");
        }
        else if (Watches == WatchStyle.Refused)
        {
            context.Response.StatusCode = 405;
        }
        else
        {
            await context.Response.StartAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>What a server does that was never meant to be watched.</summary>
public enum WatchStyle
{
    Silent,
    AnsweredAsLists,
    Refused,
}
