using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>An application that answers who the server holds the caller for, at once, when told to, or as a stream.</summary>
internal sealed class EchoApplication
{
    public const string ForwardedCertificate = "x-forwarded-client-cert";

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, int> _requests = new(StringComparer.Ordinal);
    private int _held;

    /// <summary>How many requests wait at <c>/hold</c>, or have.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>What <c>/follow</c>, and the stream of that name, send on.</summary>
    public Channel<string> Beats { get; } = Channel.CreateUnbounded<string>();

    /// <summary>How many requests to a path have got as far as here.</summary>
    public int RequestsTo(string path) => _requests.GetValueOrDefault(path);

    /// <summary>Lets those at <c>/hold</c> have their answers.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Lets everyone go.</summary>
    public void End()
    {
        Release();
        Beats.Writer.TryComplete();
    }

    public static string CallerOf(HttpContext context) =>
        $"{context.Features.Get<IMeshPeerFeature>()?.Peer?.Id.ToString() ?? "plaintext"} {context.Request.Protocol}";

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/hold", (RequestDelegate)HoldAsync);
        app.MapGet("/follow", (RequestDelegate)FollowAsync);
        app.MapGet("/connection", static context => AnswerAsync(context, context.Connection.Id));
        app.MapGet("/certificate", static context => AnswerAsync(context, $"{CallerOf(context)} {ForwardedOf(context)}"));
        app.MapFallback(context =>
        {
            _requests.AddOrUpdate(context.Request.Path.Value ?? "", 1, static (_, count) => count + 1);
            return AnswerAsync(context, CallerOf(context));
        });
    }

    private static string ForwardedOf(HttpContext context) =>
        context.Request.Headers.TryGetValue(ForwardedCertificate, out var values) ? string.Join(" | ", values.ToArray()) : "none";

    private async Task HoldAsync(HttpContext context)
    {
        Interlocked.Increment(ref _held);
        await _released.Task;
        await AnswerAsync(context, CallerOf(context));
    }

    private async Task FollowAsync(HttpContext context)
    {
        await context.Response.StartAsync();
        await foreach (var beat in Beats.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync($"{beat} {context.Connection.Id}\n");
        }
    }

    private static Task AnswerAsync(HttpContext context, string text)
    {
        context.Response.ContentLength = text.Length;
        return context.Response.WriteAsync(text);
    }
}
