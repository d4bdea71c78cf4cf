using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Tests.Curl;

/// <summary>A backend on a port of the loopback interface.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _called;

    private StubServer(WebApplication app, TaskCompletionSource called) => (_app, _called) = (app, called);

    /// <summary>Completes with the first request.</summary>
    public Task Called => _called.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<StubServer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Run(context =>
        {
            called.TrySetResult();
            return answer(context);
        });
        await app.StartAsync();
        return new StubServer(app, called);
    }

    public static Task<StubServer> SayAsync(string text) => StartAsync(context => context.Response.WriteAsync(text));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
