using MeshSdk.Sources;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Tests.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.DependencyInjection;

public sealed class MeshHostTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Fact]
    public async Task The_mesh_is_ready_before_the_applications_services_start()
    {
        var source = new ScriptedSource();
        source.Sync(Backend);
        MeshStatus? seen = null;
        using var host = Build(source, services => services.AddHostedService(sp => new OnStart(() => seen = sp.GetRequiredService<Mesh>().Status)));
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(MeshStatus.Ready, seen);
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(source.IsDisposed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_that_was_registered_before_the_mesh_may_call_while_it_starts(bool starting)
    {
        var source = new ScriptedSource();
        source.Sync(Backend);
        string? answer = null;
        using var host = Build(source, afterMesh: null, beforeMesh: services => services.AddHostedService(sp =>
        {
            async Task Call() => answer = await sp.GetRequiredService<IHttpClientFactory>().CreateClient("client").GetStringAsync("http://backend/");
            return starting ? new OnStart(starting: Call) : new OnStart(start: Call);
        }));
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal("10.0.0.1:8080", answer);
        Assert.Equal(1, source.Started);
    }

    [Fact]
    public async Task A_path_that_is_not_there_stops_the_host_and_is_named()
    {
        using var host = Build(null, services => services.AddMesh(mesh => mesh.UseManifests("/no/such/mesh")));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => host.StartAsync());
        Assert.Contains("/no/such/mesh", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_can_never_deliver_stops_the_host()
    {
        var source = new ScriptedSource();
        source.End(new InvalidOperationException("no such cluster"));
        using var host = Build(source);
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => host.StartAsync());
        Assert.Equal("The mesh cannot start: no such cluster", error.Message);
    }

    [Fact]
    public async Task A_mesh_without_any_source_stops_the_host()
    {
        using var host = Build(null);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());
        Assert.Contains("Mesh:Manifests", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_is_late_does_not_stop_the_host()
    {
        var source = new ScriptedSource();
        var time = new FakeTimeProvider();
        using var host = Build(source, services => services.AddSingleton<TimeProvider>(time));
        var start = host.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => source.Started == 1);
        Assert.False(start.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(10));
        await start.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);

        using var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("http://backend/"));
        Assert.Contains("Mesh:Startup:Timeout", error.Message, StringComparison.Ordinal);

        source.Sync(Backend);
        await Eventually.HoldsAsync(() => host.Services.GetRequiredService<Mesh>().Status == MeshStatus.Ready);
        Assert.Equal("10.0.0.1:8080", await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_start_that_is_cancelled_ends()
    {
        var source = new ScriptedSource();
        using var host = Build(source);
        using var cancellation = new CancellationTokenSource();
        var start = host.StartAsync(cancellation.Token);
        await Eventually.HoldsAsync(() => source.Started == 1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(MeshUnderTest.Patience));
    }

    [Fact]
    public async Task A_mesh_that_is_switched_off_does_not_hold_the_host_up()
    {
        var source = new ScriptedSource();
        using var host = Build(source, services => services.AddMesh(mesh => mesh.Configure(static options => options.Enabled = false)));
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, source.Started);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_provider_takes_the_mesh_down(bool synchronously)
    {
        var source = new ScriptedSource();
        source.Sync(Backend);
        var transports = new EchoTransports();
        var services = new ServiceCollection()
            .AddSingleton<IResourceSource>(source)
            .AddMesh(mesh => mesh.Configure(options => options.TransportFactory = transports))
            .AddHttpClient("client").AddMeshRouting().Services
            .BuildServiceProvider();
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
        Assert.Equal("10.0.0.1:8080", await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken));

        await (synchronously ? Task.Run(services.Dispose) : services.DisposeAsync().AsTask()).WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        Assert.True(source.IsDisposed);
        Assert.Equal(transports.Created, transports.Disposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetStringAsync("http://backend/"));
    }

    private static IHost Build(ScriptedSource? source, Action<IServiceCollection>? afterMesh = null, Action<IServiceCollection>? beforeMesh = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        if (source is not null)
        {
            builder.Services.AddSingleton<IResourceSource>(source);
        }

        beforeMesh?.Invoke(builder.Services);
        builder.Services.AddMesh(static mesh => mesh.Configure(static options => options.TransportFactory = new EchoTransports()));
        builder.Services.AddHttpClient("client").AddMeshRouting();
        afterMesh?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class OnStart(Func<Task>? start = null, Func<Task>? starting = null) : IHostedLifecycleService
    {
        public OnStart(Action start)
            : this(() =>
            {
                start();
                return Task.CompletedTask;
            })
        {
        }

        public Task StartingAsync(CancellationToken cancellationToken) => starting?.Invoke() ?? Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => start?.Invoke() ?? Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
