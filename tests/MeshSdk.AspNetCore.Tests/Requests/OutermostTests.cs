using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Tests.Requests;

/// <summary>The mesh stands before everything that an application, its filters and the framework do with requests.</summary>
public sealed class OutermostTests
{
    private const string Forwarded = "x-forwarded-client-cert";

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    [InlineData("first")]
    public async Task Filters_of_others_come_later_wherever_they_are_registered(string place)
    {
        var seen = new Seen();
        await using var host = await MemoryHost.StartAsync(
            before: services => AddIf(services, place == "before"),
            after: services =>
            {
                AddIf(services, place == "after");
                if (place == "first")
                {
                    services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter>(seen));
                }
            });

        await host.Server.SendAsync("/", MemoryServer.Connection(), static (request, _) => request.Headers[Forwarded] = "Hash=00");

        Assert.Equal("http ", seen.Request);

        void AddIf(IServiceCollection services, bool condition)
        {
            if (condition)
            {
                services.AddSingleton<IStartupFilter>(seen);
            }
        }
    }

    /// <summary>Both of what the framework puts in front by itself would have their say otherwise: the host is not one of those allowed.</summary>
    [Fact]
    public async Task The_filters_of_the_framework_come_later()
    {
        await using var host = await MemoryHost.StartAsync(
            static options => options.Mode = PeerAuthenticationMode.Strict, arguments: ["--AllowedHosts=good.example", "--FORWARDEDHEADERS_ENABLED=true"]);

        Assert.Equal(403, (await SendAsync(host, null)).Status);

        await using var open = await MemoryHost.StartAsync(arguments: ["--AllowedHosts=good.example", "--FORWARDEDHEADERS_ENABLED=true"]);

        Assert.Equal(400, (await SendAsync(open, null)).Status);

        static Task<MemoryServer.Answer> SendAsync(MemoryHost host, InboundConnection? connection) => host.Server.SendAsync(
            "/", connection, static (request, _) => request.Headers.Host = "bad.example");
    }

    [Fact]
    public async Task What_headers_say_of_the_way_here_is_read_after_the_mesh()
    {
        await using var host = await MemoryHost.StartAsync(arguments: ["--FORWARDEDHEADERS_ENABLED=true"]);

        // The application has asked for it, and gets it: but it is the mesh that has seen the request first.
        var answer = await host.Server.SendAsync("/", MemoryServer.Connection(), static (request, _) =>
        {
            request.Headers["X-Forwarded-Proto"] = "https";
            request.Headers[Forwarded] = "Hash=00";
        });

        Assert.Equal("https ", answer.Body);
        Assert.Equal("http", answer.Request.Headers["X-Original-Proto"]);
    }

    [Fact]
    public async Task A_path_base_and_implicit_middleware_come_later()
    {
        await using var host = await MemoryHost.StartAsync(
            static options => options.PlaintextPaths.Add("/app/health"),
            application: static app =>
            {
                app.UsePathBase("/app");
                app.MapGet("/health", static () => "routed");
                app.MapGet("/orders", static () => "routed");
            });

        Assert.Equal("routed", (await host.Server.SendAsync("/app/health", MemoryServer.Connection(isExempt: true))).Body);
        Assert.Equal(404, (await host.Server.SendAsync("/health", MemoryServer.Connection(isExempt: true))).Status);
        Assert.Equal(404, (await host.Server.SendAsync("/app/orders", MemoryServer.Connection(isExempt: true))).Status);
        Assert.Equal("routed", (await host.Server.SendAsync("/app/orders", MemoryServer.Connection())).Body);
    }

    [Fact]
    public async Task It_is_there_in_applications_that_are_built_by_a_factory_of_their_own()
    {
        await using var host = await MemoryHost.StartAsync(
            static options => options.Mode = PeerAuthenticationMode.Strict,
            after: static services => services.AddSingleton<IApplicationBuilderFactory, ApplicationBuilderFactory>());

        Assert.Equal(403, (await host.Server.SendAsync("/")).Status);
    }

    [Fact]
    public async Task It_holds_for_the_generic_host()
    {
        using var server = new MemoryServer();
        var seen = new Seen();
        using var host = Host.CreateDefaultBuilder()
            .ConfigureLogging(static log => log.ClearProviders())
            .ConfigureServices(services => services.AddSingleton<IStartupFilter>(seen))
            .ConfigureWebHostDefaults(web => web
                .UseMeshIdentity(static options => options.PlaintextPaths.Add("/live"))
                .Configure(static app => app.Run(static context => context.Response.WriteAsync($"{context.Request.Headers[Forwarded].Count}")))
                .ConfigureServices(services => services.AddSingleton<IServer>(server)))
            .Build();
        await host.StartAsync();

        var answer = await server.SendAsync("/", MemoryServer.Connection(), static (request, _) => request.Headers[Forwarded] = "Hash=00");

        Assert.Equal("0", answer.Body);
        Assert.Equal("http ", seen.Request);
        Assert.Equal(404, (await server.SendAsync("/", MemoryServer.Connection(isExempt: true))).Status);
        await host.StopAsync();
    }

    /// <summary>A filter of somebody else's, which looks at requests.</summary>
    private sealed class Seen : IStartupFilter
    {
        public string? Request { get; private set; }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(following => context =>
            {
                Request = $"{context.Request.Scheme} {context.Request.Headers[Forwarded]}";
                return following(context);
            });
            next(app);
        };
    }
}
