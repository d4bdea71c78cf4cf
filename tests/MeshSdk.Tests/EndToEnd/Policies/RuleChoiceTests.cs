using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>Which of several rules is acted on: seen by how many connections six requests need.</summary>
public sealed class RuleChoiceTests
{
    private static string Each(int requests) => $"connectionPool: {{http: {{maxRequestsPerConnection: {requests}}}}}";

    // The caller is in namespace client, the Service in default.
    private static readonly string OfTheCaller = PolicyYaml.RuleOf("client", Each(1));
    private static readonly string OfTheOwner = PolicyYaml.RuleOf("default", Each(2));
    private static readonly string OfTheMesh = PolicyYaml.RuleOf("istio-system", Each(3));

    public static TheoryData<string, string, int> Choices => new()
    {
        { "the caller's before the owner's", OfTheCaller + OfTheOwner + OfTheMesh, 6 },
        { "the owner's before the mesh's", OfTheMesh + OfTheOwner, 3 },
        { "the mesh's, where there is no other", OfTheMesh, 2 },
        { "a wildcard of the caller hides the owner's", OfTheOwner + PolicyYaml.RuleOf("client", Each(1), "*.local"), 6 },
        { "one that is not exported to the caller is passed over", OfTheMesh + PolicyYaml.RuleOf("default", Each(1), exportTo: "[somewhere]"), 2 },
        { "one that is exported to the caller is not", OfTheMesh + PolicyYaml.RuleOf("default", Each(1), exportTo: "[client]"), 6 },
        { "a short name means the rule's own namespace", OfTheOwner + PolicyYaml.RuleOf("client", Each(1), "backend"), 3 },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public async Task It_is(string which, string rules, int connections)
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(server) + rules, new MeshOptions { Namespace = "client" });

        for (var i = 0; i < 6; i++)
        {
            using var response = await mesh.Client.GetAsync("http://backend.default/");
        }

        Assert.True(connections == server.Connections, $"{which}: {server.Connections} connections");
    }

    [Fact]
    public async Task A_rule_that_is_removed_leaves_nothing_behind()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(server) + PolicyYaml.Rule(Each(1)));
        Assert.Equal(0, await mesh.FailuresAsync(3));
        Assert.Equal(3, server.Connections);

        await mesh.DeleteAsync("DestinationRule", "backend");

        Assert.Equal(0, await mesh.FailuresAsync(6));
        Assert.Equal(4, server.Connections);
    }

    [Fact]
    public async Task A_client_of_the_host_obeys_as_well()
    {
        await using var server = await EchoServer.StartAsync();
        var source = new InMemorySource();
        source.Apply(PolicyYaml.Backend(server) + PolicyYaml.Rule(Each(2)));
        var services = new ServiceCollection();
        services.AddMesh(mesh => mesh.UseInMemory(source));
        services.AddHttpClient("client").AddMeshRouting();
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("client");

        for (var i = 0; i < 6; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            response.EnsureSuccessStatusCode();
        }

        Assert.Equal(3, server.Connections);
    }
}
