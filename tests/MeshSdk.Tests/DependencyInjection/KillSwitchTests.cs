using MeshSdk.Sources;
using MeshSdk.Tests.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace MeshSdk.Tests.DependencyInjection;

/// <summary>The kill switch in the configuration of a running process.</summary>
public sealed class KillSwitchTests
{
    [Fact]
    public async Task The_kill_switch_can_be_thrown_in_the_configuration_of_a_running_process_and_nothing_else_is_read_again()
    {
        var source = new ScriptedSource();
        source.Sync(Manifests.Service("backend", Manifests.Pod(1)));
        var configuration = Configuration(new() { ["Mesh:Namespace"] = "default" });
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton<IResourceSource>(source)
            .AddMesh(static mesh => mesh.Configure(static options => options.TransportFactory = new EchoTransports()))
            .AddHttpClient("client").AddMeshRouting().ConfigurePrimaryHttpMessageHandler(static () => new PlainHandler()).Services
            .BuildServiceProvider();
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
        Assert.Equal("10.0.0.1:8080", await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken));

        configuration["Mesh:Enabled"] = "false";
        configuration["Mesh:Namespace"] = "elsewhere";
        configuration.Reload();
        Assert.Equal(PlainHandler.Body, await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken));
        Assert.Equal(MeshStatus.Disabled, services.GetRequiredService<Mesh>().Status);

        configuration["Mesh:Enabled"] = "true";
        configuration.Reload();
        Assert.Equal("10.0.0.1:8080", await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken));
        Assert.Equal("default", services.GetRequiredService<Mesh>().Caller.Namespace);
    }

    [Theory]
    [InlineData("Mesh:Namespace", "My_Shop")]
    [InlineData("Mesh:Startup:Timeout", "10s")]
    public async Task It_works_though_another_option_has_become_wrong(string option, string value)
    {
        var configuration = Configuration(new() { ["Mesh:Enabled"] = "true" });
        await using var services = Build(configuration);
        var mesh = services.GetRequiredService<Mesh>();

        // As ValidateOnStart does in a host; from now on it throws at every reload.
        _ = services.GetRequiredService<IOptionsMonitor<MeshOptions>>().CurrentValue;

        configuration[option] = value;
        configuration["Mesh:Enabled"] = "false";
        Assert.ThrowsAny<Exception>(configuration.Reload);
        Assert.False(mesh.Enabled);

        configuration["Mesh:Enabled"] = "true";
        Assert.ThrowsAny<Exception>(configuration.Reload);
        Assert.True(mesh.Enabled);
    }

    [Fact]
    public async Task A_value_that_means_nothing_changes_nothing_and_is_logged()
    {
        var log = FakeLogCollector.Create(new FakeLogCollectorOptions());
        var configuration = Configuration(new() { ["Mesh:Enabled"] = "false" });
        await using var services = Build(configuration, log: log);
        var mesh = services.GetRequiredService<Mesh>();

        configuration["Mesh:Enabled"] = "ja";
        configuration.Reload();

        Assert.False(mesh.Enabled);
        var record = Assert.Single(log.GetSnapshot(), static r => r.Id.Name == "SwitchUnreadable");
        Assert.Equal("Mesh:Enabled is 'ja', which is neither true nor false; the mesh stays as it is.", record.Message);
    }

    [Fact]
    public async Task What_code_says_comes_after_the_configuration()
    {
        var configuration = Configuration(new() { ["Mesh:Enabled"] = "true" });
        await using var services = Build(configuration, static options => options.Enabled = false);
        var mesh = services.GetRequiredService<Mesh>();
        Assert.False(mesh.Enabled);
        configuration.Reload();
        Assert.False(mesh.Enabled);
    }

    [Fact]
    public async Task A_reload_that_is_about_something_else_leaves_what_code_has_thrown()
    {
        var configuration = Configuration(new() { ["Mesh:Enabled"] = "true" });
        await using var services = Build(configuration);
        var mesh = services.GetRequiredService<Mesh>();
        mesh.Enabled = false;
        configuration["Other"] = "1";
        configuration.Reload();
        Assert.False(mesh.Enabled);
    }

    [Fact]
    public async Task A_section_of_another_name_is_followed_too_and_no_longer_than_the_provider_lives()
    {
        var configuration = Configuration(new() { ["My:Net:Enabled"] = "true" });
        var services = new ServiceCollection()
            .AddSingleton<IResourceSource>(new ScriptedSource())
            .AddMesh(configuration.GetSection("My:Net"))
            .BuildServiceProvider();
        var mesh = services.GetRequiredService<Mesh>();
        configuration["My:Net:Enabled"] = "false";
        configuration.Reload();
        Assert.False(mesh.Enabled);

        await services.DisposeAsync();
        configuration["My:Net:Enabled"] = "true";
        configuration.Reload();
        Assert.False(mesh.Enabled);
    }

    private static ServiceProvider Build(IConfiguration configuration, Action<MeshOptions>? configure = null, FakeLogCollector? log = null)
    {
        var services = new ServiceCollection()
            .AddSingleton(configuration)
            .AddSingleton<IResourceSource>(new ScriptedSource())
            .AddMesh(mesh => mesh.Configure(configure ?? (static _ => { })));
        if (log is not null)
        {
            services.AddLogging(builder => builder.AddProvider(new FakeLoggerProvider(log)));
        }

        return services.BuildServiceProvider();
    }

    private static IConfigurationRoot Configuration(Dictionary<string, string?> settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
}
