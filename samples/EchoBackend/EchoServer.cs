using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;

namespace EchoBackend;

internal static class EchoServer
{
    public static WebApplication Create(EchoOptions options)
    {
        // The empty builder reads no configuration file and no environment variable that would bend the server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        // What the mesh says at Information is what somebody who watches a migration reads: the mode, the policies, and who is refused.
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("MeshSdk", LogLevel.Information)
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        var checks = builder.Services.AddHealthChecks();
        builder.WebHost.UseKestrelCore();
        if (options.Certificates is not null)
        {
            Join(builder, options);
            checks.AddMesh();
        }

        if (options.HealthPort is not null)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(
                static metrics => metrics.AddMeshInstrumentation().AddMeter("Microsoft.AspNetCore.Hosting").AddPrometheusExporter());
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, options.Port);
            if (options.HealthPort is { } health)
            {
                Listen(kestrel, health);
            }
        });
        var server = builder.Build();
        if (options.HealthPort is { } port)
        {
            server.UseHealthChecks("/healthz", port);
            server.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Connection.LocalPort == port && context.Request.Path == "/metrics");
        }

        server.Run(context => AnswerAsync(context, options));
        return server;
    }

    /// <summary>All that it takes to be a server of the mesh.</summary>
    private static void Join(WebApplicationBuilder builder, EchoOptions options)
    {
        builder.WebHost.UseMeshIdentity(server =>
        {
            server.Mode = options.Mode;
            if (options.HealthPort is { } port)
            {
                server.PlaintextPorts.Add(port);
            }
        });
        builder.Services.AddMesh(mesh =>
        {
            mesh.Configure(own => own.Identity.Directory = options.Certificates);
            if (options.FollowsCluster)
            {
                mesh.UseKubernetes();
            }
        });
    }

    private static void Listen(KestrelServerOptions kestrel, int port)
    {
        if (port == 0)
        {
            kestrel.Listen(IPAddress.Loopback, 0);
        }
        else
        {
            kestrel.ListenAnyIP(port);
        }
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
}
