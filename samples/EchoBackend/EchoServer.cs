using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EchoBackend;

internal static class EchoServer
{
    public static WebApplication Create(EchoOptions options)
    {
        // The empty builder reads no configuration file and no environment variable that would bend the server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (options.Port == 0)
            {
                kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => Secure(listen, options));
            }
            else
            {
                kestrel.ListenAnyIP(options.Port, listen => Secure(listen, options));
            }
        });
        var server = builder.Build();
        server.Run(context => AnswerAsync(context, options));
        return server;
    }

    private static async Task AnswerAsync(HttpContext context, EchoOptions options)
    {
        if (options.Delay > TimeSpan.Zero)
        {
            await Task.Delay(options.Delay, context.RequestAborted);
        }

        context.Response.StatusCode = options.StatusCode;
        await context.Response.WriteAsync(options.Text + "\n", context.RequestAborted);
    }

    private static void Secure(ListenOptions listen, EchoOptions options)
    {
        if (options.Certificates is null)
        {
            return;
        }

        var certificates = new RotatingCertificates(options.Certificates);
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificates.ForNextConnection()) });
    }
}
