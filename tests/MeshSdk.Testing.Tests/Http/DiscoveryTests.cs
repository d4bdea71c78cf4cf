using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Http;

public sealed class DiscoveryTests
{
    private const string Aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    [Fact]
    public async Task Aggregated_discovery_tells_everything_at_once()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis");
        request.Headers.TryAddWithoutValidation("Accept", Aggregated);
        using var response = await client.SendAsync(request);
        var (_, groups) = await client.ReadAsync("/apis", Aggregated);
        var (_, core) = await client.ReadAsync("/api", Aggregated);
        var (_, beta) = await client.ReadAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList");

        Assert.Equal(
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
            response.Content.Headers.ContentType!.ToString().Replace(" ", "", StringComparison.Ordinal));
        var gateway = groups["items"]!.AsArray().Single(group => group!.Name() == "gateway.networking.k8s.io")!;
        Assert.Contains("v1", gateway["versions"]!.AsArray().Select(version => (string)version!["version"]!));
        var routes = gateway["versions"]![0]!["resources"]!.AsArray().Single(resource => (string)resource!["resource"]! == "httproutes")!;
        Assert.Equal(("Namespaced", "HTTPRoute"), ((string)routes["scope"]!, (string)routes["responseKind"]!["kind"]!));
        Assert.Equal("status", (string)routes["subresources"]![0]!["subresource"]!);
        Assert.Contains("watch", routes["verbs"]!.AsArray().Select(verb => (string)verb!));
        Assert.Equal("", core["items"]![0]!.Name());
        Assert.Equal("apidiscovery.k8s.io/v2beta1", (string)beta["apiVersion"]!);
    }

    [Fact]
    public async Task Classic_discovery_is_there_and_may_be_all_that_there_is()
    {
        await using var cluster = await Cluster.StartAsync(options => options.AggregatedDiscovery = false);
        using var client = cluster.CreateClient();

        var (_, core) = await client.ReadAsync("/api", Aggregated);
        var (_, groups) = await client.ReadAsync("/apis", Aggregated);
        var (_, group) = await client.ReadAsync("/apis/gateway.networking.k8s.io");
        var (_, resources) = await client.ReadAsync("/api/v1");
        var (unknown, _) = await client.ReadAsync("/apis/nobody.example.com");

        Assert.Equal("APIVersions", (string)core["kind"]!);
        Assert.Equal("APIGroupList", (string)groups["kind"]!);
        Assert.Equal("gateway.networking.k8s.io/v1", (string)group["preferredVersion"]!["groupVersion"]!);
        Assert.Contains("services/status", resources["resources"]!.AsArray().Select(resource => (string)resource!["name"]!));
        Assert.Contains("serviceaccounts/token", resources["resources"]!.AsArray().Select(resource => (string)resource!["name"]!));
        Assert.Equal(404, unknown);
    }
}
