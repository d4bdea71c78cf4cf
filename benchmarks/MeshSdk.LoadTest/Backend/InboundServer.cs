using System.Globalization;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.LoadTest.Backend;

/// <summary>One port of HTTP/1.1, in a process of its own, that takes connections in one of several ways, and says on demand what they have cost.</summary>
internal static class InboundServer
{
    public const string Tally = "tally";
    public const string Settle = "settle";

    public static async Task<int> RunAsync(InboundKind kind, string directory)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (kind == InboundKind.Https)
                {
                    new ServerCertificate(directory, SessionTickets.Shared).Secure(listen, SslApplicationProtocol.Http11);
                }
            });
        });
        if (kind is InboundKind.MeshPlaintext or InboundKind.MeshMutualTls)
        {
            builder.WebHost.UseMeshIdentity();
            builder.Services.AddMesh(mesh => mesh.Configure(options => options.Identity.Directory = directory));
        }

        await using var app = builder.Build();
        app.Run(BackendServer.AnswerAsync);
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.Single()).Port);
        while (await Console.In.ReadLineAsync() is { } command)
        {
            if (command == Settle)
            {
                // What is left over of connections that are gone would pass for those that are there.
                for (var i = 0; i < 3; i++)
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    GC.WaitForPendingFinalizers();
                }
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{GC.GetTotalAllocatedBytes(precise: true)} {GC.GetTotalMemory(false)} {Environment.WorkingSet} {Environment.CpuUsage.TotalTime.Ticks}"));
        }

        return 0;
    }
}

/// <summary>How a server takes connections.</summary>
internal enum InboundKind
{
    /// <summary>Kestrel alone.</summary>
    Plain,

    /// <summary>Kestrel's own HTTPS, which asks for client certificates and has the platform check them.</summary>
    Https,

    /// <summary>A server of the mesh that is called in plaintext.</summary>
    MeshPlaintext,

    /// <summary>A server of the mesh that is called over mutual TLS.</summary>
    MeshMutualTls,
}
