using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MeshSdk.Sources;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Tests.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Http;

namespace MeshSdk.Tests.DependencyInjection;

public sealed class MeshRegistrationTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    /// <summary>Everything that people do to a client, each on services and a client that may or may not have been routed yet.</summary>
    private static readonly Dictionary<string, Action<IServiceCollection>> Steps = new()
    {
        ["mesh"] = static s => s.AddMesh(),
        ["routing"] = static s => s.AddHttpClient("client").AddMeshRouting(),
        ["primary"] = static s => s.AddHttpClient("client").ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { UseCookies = false }),
        ["primary edited"] = static s => s.AddHttpClient("client").ConfigurePrimaryHttpMessageHandler(DropCookies),
        ["classic primary"] = static s => s.AddHttpClient("client").ConfigurePrimaryHttpMessageHandler(static () => new HttpClientHandler()),
        ["sockets"] = static s => s.AddHttpClient("client").UseSocketsHttpHandler(static (handler, _) => handler.PooledConnectionLifetime = TimeSpan.FromMinutes(1)),
        ["defaults"] = static s => s.ConfigureHttpClientDefaults(static b => b.ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler()).AddHttpMessageHandler(static () => new Mark("defaults"))),
        ["handler"] = static s => s.AddHttpClient("client").AddHttpMessageHandler(static () => new Mark("handler")),
        ["filter"] = static s => s.AddSingleton<IHttpMessageHandlerBuilderFilter, PropertyFilter>(),
        ["discovery"] = static s => s.AddServiceDiscoveryCore().AddPassThroughServiceEndpointProvider(),
        ["discovery defaults"] = static s => s.AddSingleton<IConfiguration>(new ConfigurationManager()).AddServiceDiscovery().ConfigureHttpClientDefaults(static b => b.AddServiceDiscovery()),
        ["resilience"] = static s => s.AddHttpClient("client").AddStandardResilienceHandler(),
        ["resilience defaults"] = static s => s.ConfigureHttpClientDefaults(static b => b.AddStandardResilienceHandler()),
        ["lifetime"] = static s => s.AddHttpClient("client").SetHandlerLifetime(TimeSpan.FromMinutes(1)),
    };

    public static IEnumerable<TheoryDataRow<string>> Orders()
    {
        string[] others = [.. Steps.Keys.Except(["mesh", "routing"])];
        foreach (var step in others)
        {
            yield return new($"mesh, routing, {step}");
            yield return new($"{step}, mesh, routing");
            yield return new($"routing, {step}, mesh");
            yield return new($"routing, {step}");
        }

        // All at once, in orders that differ from run to run only where the seed does.
        var random = new Random(7);
        for (var i = 0; i < 20; i++)
        {
            var all = Steps.Keys.ToArray();
            random.Shuffle(all);
            yield return new(string.Join(", ", all));
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task The_mesh_is_the_primary_handler_in_whatever_order(string order)
    {
        var steps = order.Split(", ");
        var transports = new EchoTransports();
        await using var services = Build(transports, s => Array.ForEach(steps, step => Steps[step](s)));
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
        var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("10.0.0.1:8080", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            steps.Where(static s => s is "handler" or "defaults").Order(),
            request.Headers.TryGetValues("Mark", out var marks) ? marks.Order() : []);
    }

    [Fact]
    public async Task Typed_default_and_named_clients_are_routed_and_others_are_not()
    {
        await using var services = Build(new EchoTransports(), static s =>
        {
            s.AddHttpClient<TypedClient>().AddMeshRouting();
            s.AddHttpClient("").AddMeshRouting();
            s.AddHttpClient("named").AddMeshRouting();
            s.AddHttpClient("other");
            s.ConfigureHttpClientDefaults(static b => b.ConfigurePrimaryHttpMessageHandler(static () => new PlainHandler()));
        });
        var factory = services.GetRequiredService<IHttpClientFactory>();

        Assert.Equal("10.0.0.1:8080", await GetAsync(services.GetRequiredService<TypedClient>().Http));
        Assert.Equal("10.0.0.1:8080", await GetAsync(factory.CreateClient()));
        Assert.Equal("10.0.0.1:8080", await GetAsync(factory.CreateClient("named")));
        Assert.Equal(PlainHandler.Body, await GetAsync(factory.CreateClient("other")));
        Assert.Equal(PlainHandler.Body, await GetAsync(factory.CreateClient("never mentioned")));
    }

    [Fact]
    public async Task A_keyed_client_is_routed()
    {
        await using var services = Build(new EchoTransports(), static s => s.AddHttpClient("keyed").AddMeshRouting().AddAsKeyed());
        await using var scope = services.CreateAsyncScope();
        Assert.Equal("10.0.0.1:8080", await GetAsync(scope.ServiceProvider.GetRequiredKeyedService<HttpClient>("keyed")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_can_be_taken_out_of_the_defaults_before_or_after_them(bool before)
    {
        await using var services = Build(new EchoTransports(), s =>
        {
            Action[] steps =
            [
                () => s.AddHttpClient("out").RemoveMeshRouting(),
                () => s.ConfigureHttpClientDefaults(static b => b.AddMeshRouting().ConfigurePrimaryHttpMessageHandler(static () => new PlainHandler())),
            ];
            Array.ForEach(before ? steps : [steps[1], steps[0]], static step => step());
        });
        var factory = services.GetRequiredService<IHttpClientFactory>();
        Assert.Equal(PlainHandler.Body, await GetAsync(factory.CreateClient("out")));
        Assert.Equal("10.0.0.1:8080", await GetAsync(factory.CreateClient("in")));
        Assert.Equal("10.0.0.1:8080", await GetAsync(factory.CreateClient()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_client_asks_for_comes_after_the_defaults(bool before)
    {
        await using var services = Build(new EchoTransports(), s =>
        {
            Action[] steps =
            [
                () => s.AddHttpClient("client").AddMeshRouting(static o => o.RecordCalls = true),
                () => s.ConfigureHttpClientDefaults(static b => b.AddMeshRouting(static o => o.RecordCalls = false)),
            ];
            Array.ForEach(before ? steps : [steps[1], steps[0]], static step => step());
        });
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
        using var response = await client.GetAsync("http://backend/", TestContext.Current.CancellationToken);
        Assert.Equal("10.0.0.1:8080", response.GetMeshCall()?.Endpoint);
    }

    [Fact]
    public async Task Adding_twice_adds_once()
    {
        var transports = new EchoTransports();
        await using var services = Build(transports, static s =>
        {
            s.AddMesh();
            s.AddHttpClient("client").AddMeshRouting().AddMeshRouting(static o => o.RecordCalls = true);
            s.AddMesh(static _ => { });
        });
        Assert.Single(services.GetServices<Mesh>());
        Assert.Single(services.GetServices<IHttpMessageHandlerBuilderFilter>(), static f => f.GetType().Namespace!.StartsWith("MeshSdk", StringComparison.Ordinal));
        Assert.Single(services.GetServices<Microsoft.Extensions.Hosting.IHostedService>());
        Assert.Single(services.GetServices<Microsoft.Extensions.Options.IConfigureOptions<MeshOptions>>(), static c => c.GetType().Name == "MeshConfiguration");

        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
        using var response = await client.GetAsync("http://backend/", TestContext.Current.CancellationToken);
        Assert.Equal(1, response.GetMeshCall()?.Attempts);
    }

    [Fact]
    public async Task A_mesh_that_the_application_has_made_itself_serves_its_clients()
    {
        var memory = new InMemorySource();
        memory.Apply(Backend);
        await using var mesh = await Mesh.StartAsync(
            new MeshOptions { InMemory = memory, TransportFactory = new EchoTransports() }, cancellationToken: TestContext.Current.CancellationToken);
        await using (var services = new ServiceCollection().AddSingleton(mesh).AddHttpClient("client").AddMeshRouting().Services.BuildServiceProvider())
        {
            Assert.Equal("10.0.0.1:8080", await GetAsync(services.GetRequiredService<IHttpClientFactory>().CreateClient("client")));
        }

        // The application's it was, the application's it stays.
        Assert.Equal("10.0.0.1:8080", await mesh.CreateClient().GetStringAsync("http://backend/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_primary_handler_that_is_a_mesh_handler_already_is_not_wrapped_again()
    {
        await using var services = Build(new EchoTransports(), static s => s.AddHttpClient("client").AddMeshRouting()
            .ConfigurePrimaryHttpMessageHandler(static sp => sp.GetRequiredService<Mesh>().CreateHandler(new MeshClientOptions { RecordCalls = true })));
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
        using var response = await client.GetAsync("http://backend/", TestContext.Current.CancellationToken);
        Assert.NotNull(response.GetMeshCall());
    }

    [Fact]
    public async Task What_the_mesh_cannot_do_in_the_place_of_a_handler_is_refused_with_the_clients_name()
    {
        await using var services = Build(new EchoTransports(), static s => s.AddHttpClient("mine").AddMeshRouting()
            .ConfigurePrimaryHttpMessageHandler(static () => new Mark("primary")));
        var error = Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<IHttpClientFactory>().CreateClient("mine"));
        Assert.Contains("'mine'", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Mark), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_out_of_the_mesh_are_counted_by_the_applications_own_meters()
    {
        await using var server = await TestServer.SayingAsync("hello");
        await using var services = Build(new EchoTransports(), static s => s.AddHttpClient("client").AddMeshRouting());
        using var durations = new MetricCollector<double>(
            services.GetRequiredService<IMeterFactory>(), "System.Net.Http", "http.client.request.duration");
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
        Assert.Equal("hello", await client.GetStringAsync($"http://{server.EndPoint}/", TestContext.Current.CancellationToken));
        Assert.Single(durations.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task Connections_to_the_mesh_outlive_the_rotation_of_handlers()
    {
        var connections = new ConcurrentDictionary<string, bool>();
        await using var server = await TestServer.StartAsync(app => app.Run(context =>
        {
            connections.TryAdd(context.Connection.Id, true);
            return Task.CompletedTask;
        }));
        var handlers = new ConcurrentBag<HttpMessageHandler>();
        await using var services = Build(null, s =>
        {
            s.AddHttpClient("client").AddMeshRouting().SetHandlerLifetime(TimeSpan.FromSeconds(1));
            s.AddHttpClient("client").ConfigurePrimaryHttpMessageHandler(() =>
            {
                var handler = new SocketsHttpHandler();
                handlers.Add(handler);
                return handler;
            });
        }, Manifests.Service("backend", server.EndPoint));
        var factory = services.GetRequiredService<IHttpClientFactory>();
        await Eventually.HoldsAsync(() =>
        {
            using var client = factory.CreateClient("client");
            client.Send(new HttpRequestMessage(HttpMethod.Get, "http://backend/")).Dispose();
            return handlers.Count;
        }, static count => count >= 3);
        Assert.Single(connections);
    }

    private static async Task<string> GetAsync(HttpClient client) =>
        await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken);

    private static ServiceProvider Build(EchoTransports? transports, Action<IServiceCollection> configure, string? manifests = null)
    {
        var source = new ScriptedSource();
        source.Sync(manifests ?? Backend);
        var services = new ServiceCollection();
        services.AddSingleton<IResourceSource>(source);
        configure(services);
        services.AddMesh(mesh => mesh.Configure(options => options.TransportFactory = transports));
        return services.BuildServiceProvider();
    }

    private static void DropCookies(HttpMessageHandler primary, IServiceProvider services)
    {
        if (primary is SocketsHttpHandler sockets)
        {
            sockets.UseCookies = false;
        }
    }

    private sealed class TypedClient(HttpClient http)
    {
        public HttpClient Http { get; } = http;
    }

    /// <summary>A user's own handler, which must stay above the mesh.</summary>
    private sealed class Mark(string name) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("Mark", name);
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Expects, like others of its kind, to find a handler of the framework.</summary>
    private sealed class PropertyFilter : IHttpMessageHandlerBuilderFilter
    {
        public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
        {
            next(builder);
            if (builder.PrimaryHandler is SocketsHttpHandler sockets)
            {
                sockets.Properties["filtered"] = true;
            }
        };
    }
}
