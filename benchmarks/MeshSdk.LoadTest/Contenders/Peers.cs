using System.Globalization;
using System.Net;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>
/// Clients of <see cref="IHttpClientFactory"/> as the documentation of each package shows them, with the handlers and loggers that the factory adds
/// by default left in place for all of them.
/// </summary>
internal static class Peers
{
    private const string Name = "backend";

    /// <summary>One HttpClient, one endpoint, no factory: what the added bytes are counted from.</summary>
    public static Contender Plain(BackendProcess backend) =>
        new("plain HttpClient, one endpoint", new HttpClient(new SocketsHttpHandler()), $"http://{backend.Http1[0]}");

    public static async Task<Contender> MeshAsync(BackendProcess backend)
    {
        var services = new ServiceCollection();
        services.AddMesh(m => m.UseInMemory(Canary.Source(backend, HttpProtocol.Http1)));
        services.AddHttpClient(Name).AddMeshRouting();
        var contender = FromFactory("mesh, 90/10", services);
        await Call.NoContent.SendAsync(contender, []);
        return contender;
    }

    /// <summary>The round robin by hand as a client of the factory: what the factory leaves for anybody to reach.</summary>
    public static Contender RoundRobin(BackendProcess backend)
    {
        var (v1, v2) = Canary.Endpoints(backend, HttpProtocol.Http1);
        var services = new ServiceCollection();
        services.AddHttpClient(Name).ConfigurePrimaryHttpMessageHandler(() => new RoundRobinHandler([.. v1, .. v2], HttpProtocol.Http1));
        return FromFactory("round robin by hand", services);
    }

    /// <summary>Balances over the five endpoints; knows no weights.</summary>
    public static Contender DiscoveryWithResilience(BackendProcess backend)
    {
        var (v1, v2) = Canary.Endpoints(backend, HttpProtocol.Http1);
        var settings = v1.Concat(v2).Select((e, i) => KeyValuePair.Create($"Services:{Name}:http:{i}", (string?)$"http://{e}"));
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddServiceDiscovery();
        var client = services.AddHttpClient(Name);
        client.AddStandardResilienceHandler();
        client.AddServiceDiscovery();
        return FromFactory("ServiceDiscovery + standard resilience", services);
    }

    /// <summary>The only canary that .NET has of its own.</summary>
    public static Contender WeightedHedging(BackendProcess backend)
    {
        var (v1, v2) = Canary.Endpoints(backend, HttpProtocol.Http1);
        var services = new ServiceCollection();
        services.AddHttpClient(Name).AddStandardHedgingHandler(routing => routing.ConfigureWeightedGroups(options =>
        {
            options.Groups.Add(Group(90, v1));
            options.Groups.Add(Group(10, v2));
        }));
        return FromFactory("weighted hedging, 90/10", services);

        static WeightedUriEndpointGroup Group(int weight, IEnumerable<IPEndPoint> endpoints) => new()
        {
            Weight = weight,
            Endpoints = [.. endpoints.Select(static e => new WeightedUriEndpoint { Uri = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{e}")) })],
        };
    }

    private static Contender FromFactory(string name, ServiceCollection services)
    {
        var provider = services.BuildServiceProvider();
        return new Contender(name, provider.GetRequiredService<IHttpClientFactory>().CreateClient(Name), Canary.Address, provider);
    }
}
