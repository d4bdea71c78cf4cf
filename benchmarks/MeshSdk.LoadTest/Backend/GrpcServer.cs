using System.Globalization;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.LoadTest.Backend;

/// <summary>
/// The gRPC servers of a child process: Kestrel on many ports of the loopback address, each of which is one endpoint, in cleartext or over mutual TLS.
/// </summary>
internal static class GrpcServer
{
    public const string Fail = "fail";
    public const string Heal = "heal";

    /// <param name="ports">How many.</param>
    /// <param name="directory">Where their certificate is; null: cleartext.</param>
    public static async Task<int> RunAsync(int ports, string? directory)
    {
        var certificate = directory is null ? null : new ServerCertificate(Path.Combine(directory, SecuredServer.DirectoryOf(0)), SessionTickets.Shared);
        var failing = new FailingPorts();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            for (var i = 0; i < ports; i++)
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen =>
                {
                    listen.Protocols = HttpProtocols.Http2;
                    certificate?.Secure(listen, SslApplicationProtocol.Http2);
                });
            }
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(failing);
        await using var app = builder.Build();
        app.MapGrpcService<TargetService>();
        await app.StartAsync();

        // In the order in which they were asked for.
        Console.WriteLine(string.Join(' ', app.Urls.Select(static url => new Uri(url).Port)));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line.Split(' ') is [Fail or Heal, var port])
            {
                failing.Set(int.Parse(port, CultureInfo.InvariantCulture), line.StartsWith(Fail, StringComparison.Ordinal));
            }

            Console.WriteLine("ok");
        }

        return 0;
    }
}
