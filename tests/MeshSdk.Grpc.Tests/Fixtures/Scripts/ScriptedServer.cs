using System.Globalization;
using Grpc.Core;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.Fixtures.Scripts;

/// <summary>
/// An <see cref="EchoServer"/> that does to a call what the call's own metadata says, so that one server does for tests that know nothing of one another.
/// <c>x-call</c> names the call. <c>x-script</c> has a step for each of its attempts, divided by commas; the last one is for all that follow:
/// <list type="bullet">
/// <item><c>ok</c>: answers.</item>
/// <item><c>status:N</c>: gRPC status N and nothing else, a trailers-only reply. With <c>:PUSHBACK</c>, that in <c>grpc-retry-pushback-ms</c>.</item>
/// <item><c>headers:N</c>: response headers, then status N in trailers.</item>
/// <item><c>replied:N</c>: as soon as one reply of a stream has gone out, status N.</item>
/// <item><c>http:N</c>: an answer of HTTP, which is none of gRPC.</item>
/// <item><c>reset:N</c>, <c>headers-reset:N</c>, <c>replied-reset:N</c>: RST_STREAM with HTTP/2's error N, at once, after the headers, after a reply.</item>
/// <item><c>abort</c>, <c>headers-abort</c>, <c>replied-abort</c>: the connection is broken off, once the caller has seen what was sent.</item>
/// <item><c>wait</c>, <c>headers-wait</c>: nothing until the call is cancelled, or <see cref="Ledger.Release"/>.</item>
/// <item><c>goaway</c>: answers, and says on the connection that it takes no more.</item>
/// </list>
/// With <c>x-deaf</c> it does not hear of the call's deadline, and so does not end it first. Metadata whose name begins with <c>to-headers-</c> or
/// <c>to-trailers-</c> comes back without that, in the response headers or in the trailers.
/// </summary>
internal static class ScriptedServer
{
    public const string CallHeader = "x-call", ScriptHeader = "x-script", DeafHeader = "x-deaf", ToHeaders = "to-headers-", ToTrailers = "to-trailers-";

    private const string Done = "script.step";

    /// <param name="name">What it answers with.</param>
    /// <param name="identity">Who it is; null: it takes plaintext alone.</param>
    /// <param name="configure">What is other than usual.</param>
    /// <param name="build">What else it has.</param>
    /// <param name="application">What stands before all else.</param>
    public static async Task<EchoServer> StartAsync(
        string name, MeshTestCertificate? identity = null, Action<KestrelServerOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null, Action<WebApplication>? application = null)
    {
        var server = await EchoServer.StartAsync(
            name,
            null,
            configure,
            builder =>
            {
                Build(builder, identity);
                build?.Invoke(builder);
            },
            app =>
            {
                application?.Invoke(app);
                app.Use(BeforeAsync);
            });
        server.OnCall = context => OnCallAsync(name, context);
        server.OnReplied = OnRepliedAsync;
        return server;
    }

    private static void Build(WebApplicationBuilder builder, MeshTestCertificate? identity)
    {
        if (identity is not null)
        {
            builder.WebHost.UseMeshIdentity();
            builder.Services.AddMesh(mesh => mesh.UseInMemory(new InMemorySource()).Configure(options =>
            {
                options.Namespace = "default";
                options.Identity.Source = new InMemoryCertificateSource(identity.ToIdentity());
            }));
        }
    }

    private static Task BeforeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers[ScriptHeader] is [{ } script] && script.StartsWith("http:", StringComparison.Ordinal))
        {
            context.Response.StatusCode = int.Parse(script.AsSpan("http:".Length), CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        }

        if (context.Request.Headers.ContainsKey(DeafHeader))
        {
            context.Request.Headers.Remove("grpc-timeout");
        }

        return next(context);
    }

    private static async Task OnCallAsync(string server, ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue(CallHeader) is not { } call)
        {
            return;
        }

        var attempt = Ledger.Add(call, Arrival.Of(server, context));
        var steps = context.RequestHeaders.GetValue(ScriptHeader)?.Split(',') ?? ["ok"];
        var step = steps[Math.Min(attempt, steps.Length - 1)].Split(':');
        context.UserState[Done] = step;
        var (when, what) = step[0].StartsWith("headers", StringComparison.Ordinal)
            ? ("headers", step[0] == "headers" ? "status" : step[0]["headers-".Length..])
            : ("", step[0]);
        CopyBack(context, ToTrailers, context.ResponseTrailers);
        var headers = new Metadata();
        CopyBack(context, ToHeaders, headers);
        if (when == "headers" || headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }

        await DoAsync(what, step, call, context, isAnswering: when == "headers");
    }

    private static void CopyBack(ServerCallContext context, string prefix, Metadata metadata)
    {
        foreach (var entry in context.RequestHeaders.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var name = entry.Key[prefix.Length..];
            metadata.Add(entry.IsBinary ? new Metadata.Entry(name, entry.ValueBytes) : new Metadata.Entry(name, entry.Value));
        }
    }

    private static Task OnRepliedAsync(ServerCallContext context)
    {
        if (context.UserState.TryGetValue(Done, out var value) && value is string[] step && step[0].StartsWith("replied", StringComparison.Ordinal))
        {
            var call = context.RequestHeaders.GetValue(CallHeader)!;
            return DoAsync(step[0] == "replied" ? "status" : step[0]["replied-".Length..], step, call, context, isAnswering: true);
        }

        return Task.CompletedTask;
    }

    private static async Task DoAsync(string what, string[] step, string call, ServerCallContext context, bool isAnswering)
    {
        var http = context.GetHttpContext();
        if (isAnswering && what is ("abort" or "reset"))
        {
            // Whoever breaks off at once takes back what is still on its way.
            await Ledger.SeenAsync(call).WaitAsync(context.CancellationToken);
        }

        switch (what)
        {
            case "status":
                Metadata trailers = step.Length > 2 ? new Metadata { { "grpc-retry-pushback-ms", step[2] } } : [];
                throw new RpcException(new Status((StatusCode)Number(step), "as the script says"), trailers);
            case "reset":
                http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(Number(step));
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
                break;
            case "abort":
                http.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
                break;
            case "wait":
                await Ledger.ReleasedAsync(call).WaitAsync(context.CancellationToken);
                break;
            case "goaway":
                http.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
                break;
        }
    }

    private static int Number(string[] step) => int.Parse(step[1], CultureInfo.InvariantCulture);
}
