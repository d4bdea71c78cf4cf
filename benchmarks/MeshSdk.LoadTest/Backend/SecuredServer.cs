using System.Globalization;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MeshSdk.LoadTest.Backend;

/// <summary>
/// What <see cref="BackendServer"/> is, over mutual TLS with a certificate of a mesh, and it does what it is told to on its standard input.
/// </summary>
internal static class SecuredServer
{
    public const string Reload = "reload";
    public const string Tally = "tally";

    /// <summary>Where the certificate of a port is, below the directory that all have in common. That of the first may be used for all.</summary>
    public static string DirectoryOf(int port) => port.ToString(CultureInfo.InvariantCulture);

    public static async Task<int> RunAsync(int ports, string directory, SessionTickets tickets)
    {
        var counter = new HandshakeCounter();

        // The framework has one key of tickets for each certificate.
        ServerCertificate[] certificates =
        [
            .. Enumerable.Range(0, tickets == SessionTickets.OfEachPort ? ports : 1)
                .Select(i => new ServerCertificate(Path.Combine(directory, DirectoryOf(i)), tickets)),
        ];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            for (var i = 0; i < ports * 2; i++)
            {
                var isFirst = i < ports;
                var certificate = certificates[i % ports % certificates.Length];
                kestrel.Listen(IPAddress.Loopback, 0, listen =>
                {
                    listen.Protocols = isFirst ? HttpProtocols.Http1 : HttpProtocols.Http2;
                    counter.Watch(listen, secured => certificate.Secure(secured, isFirst ? SslApplicationProtocol.Http11 : SslApplicationProtocol.Http2));
                });
            }
        });

        await using var app = builder.Build();
        app.Run(BackendServer.AnswerAsync);
        await app.StartAsync();
        Console.WriteLine(string.Join(' ', app.Urls.Select(static url => new Uri(url).Port)));
        while (await Console.In.ReadLineAsync() is { } command)
        {
            if (command == Reload)
            {
                Array.ForEach(certificates, static certificate => certificate.Reload());
            }

            Console.WriteLine(command == Tally ? counter.Tally : "ok");
        }

        return 0;
    }
}
