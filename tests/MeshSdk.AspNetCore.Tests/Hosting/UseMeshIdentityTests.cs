using MeshSdk.AspNetCore.Requests;
using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore.Tests.Hosting;

/// <summary>However an application is put together, it becomes one server of one mesh.</summary>
public sealed class UseMeshIdentityTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Mesh:Namespace"] = "shop",
        ["Mesh:Server:Mode"] = "Strict",
        ["Mesh:Server:PlaintextPorts:0"] = "8081",
        ["Mesh:Server:PlaintextPaths:0"] = "/live",
        ["Mesh:Server:TrustDomains:0"] = "partner.example",
        ["Mesh:Server:SniffTimeout"] = "00:00:03",
        ["Mesh:Server:HandshakeTimeout"] = "00:00:04",
        ["Other:Server:Mode"] = "Disable",
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Options_come_from_configuration_once_however_often_it_is_used(int times)
    {
        await using var app = Build(web =>
        {
            for (var i = 0; i < times; i++)
            {
                web.UseMeshIdentity();
            }
        });

        var options = app.Services.GetRequiredService<IOptions<MeshServerOptions>>().Value;

        Assert.Equal(PeerAuthenticationMode.Strict, options.Mode);
        Assert.Equal([8081], options.PlaintextPorts);
        Assert.Equal(["/live"], options.PlaintextPaths);
        Assert.Equal(["partner.example"], options.TrustDomains);
        Assert.Equal((3, 4), (options.SniffTimeout.TotalSeconds, options.HandshakeTimeout.TotalSeconds));
        Assert.Single(app.Services.GetServices<IStartupFilter>(), static filter => filter is MeshStartupFilter);
    }

    [Fact]
    public async Task Code_comes_after_configuration_and_each_call_counts()
    {
        await using var app = Build(static web => web
            .UseMeshIdentity(static options => options.Mode = PeerAuthenticationMode.Permissive)
            .UseMeshIdentity(static options => options.PlaintextPorts.Add(9090)));

        var options = app.Services.GetRequiredService<IOptions<MeshServerOptions>>().Value;

        Assert.Equal(PeerAuthenticationMode.Permissive, options.Mode);
        Assert.Equal([8081, 9090], options.PlaintextPorts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_section_of_the_applications_choice_has_those_of_the_server_in_it(bool before)
    {
        await using var app = Build(static web => web.UseMeshIdentity(), (services, configuration) => services.AddMesh(configuration.GetSection("Other")), before);

        Assert.Equal(PeerAuthenticationMode.Disable, app.Services.GetRequiredService<IOptions<MeshServerOptions>>().Value.Mode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_one_mesh_with_that_which_the_application_adds(bool before)
    {
        var source = new InMemorySource();
        await using var app = Build(static web => web.UseMeshIdentity(), (services, _) => services.AddMesh(mesh => mesh.UseInMemory(source)), before);

        Assert.Single(app.Services.GetServices<Mesh>());
        var options = app.Services.GetRequiredService<IOptions<MeshOptions>>().Value;
        Assert.Same(source, options.InMemory);
        Assert.True(options.ServesInbound);
    }

    [Fact]
    public async Task A_server_needs_no_source_and_goes_by_its_own_options_then()
    {
        using var server = new MemoryServer();
        await using var app = Build(static web => web.UseMeshIdentity(), (services, _) => services.AddSingleton<IServer>(server));

        await app.StartAsync();

        Assert.Equal(403, (await server.SendAsync("/", MemoryServer.Connection())).Status);
        await app.StopAsync();
    }

    /// <summary>Its clients would pass by routes and policies, and nobody would know.</summary>
    [Fact]
    public async Task Clients_that_are_to_take_part_need_one()
    {
        await using var app = Build(
            static web => web.UseMeshIdentity(),
            static (services, _) => services.AddHttpClient("plain").Services.AddHttpClient("routed").AddMeshRouting());
        var clients = app.Services.GetRequiredService<IHttpClientFactory>();

        clients.CreateClient("plain").Dispose();
        var error = Assert.Throws<InvalidOperationException>(() => clients.CreateClient("routed"));

        Assert.Contains("UseKubernetes()", error.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(
        Action<IWebHostBuilder> use, Action<IServiceCollection, IConfiguration>? more = null, bool before = false)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(Settings);
        if (before)
        {
            more?.Invoke(builder.Services, builder.Configuration);
        }

        use(builder.WebHost);
        if (!before)
        {
            more?.Invoke(builder.Services, builder.Configuration);
        }

        return builder.Build();
    }
}
