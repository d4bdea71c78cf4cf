using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MeshSdk.LoadTest.Backend;

/// <summary>
/// The child process: Kestrel on many ports of the loopback address, half of them HTTP/1.1 and half cleartext HTTP/2. Each port is one endpoint. It
/// lives as long as its standard input is open, so that it never outlives its parent.
/// </summary>
internal static class BackendServer
{
    private static readonly byte[] Body = "hello, world\n"u8.ToArray();

    public static async Task<int> RunAsync(int ports)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            for (var i = 0; i < ports * 2; i++)
            {
                var protocols = i < ports ? HttpProtocols.Http1 : HttpProtocols.Http2;
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
            }
        });

        await using var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();

        // In the order in which they were asked for.
        Console.WriteLine(string.Join(' ', app.Urls.Select(static url => new Uri(url).Port)));
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        switch (context.Request.Path.Value)
        {
            case "/nocontent":
                response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            case "/empty":
                response.ContentLength = 0;
                return Task.CompletedTask;
            case "/port":
                return response.WriteAsync(context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture));
            case "/echo":
                response.ContentLength = context.Request.ContentLength;
                return context.Request.Body.CopyToAsync(response.Body);
            default:
                response.ContentLength = Body.Length;
                return response.Body.WriteAsync(Body).AsTask();
        }
    }
}
