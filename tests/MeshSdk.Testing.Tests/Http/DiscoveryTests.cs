using System.Text;
using MeshSdk.Testing.Protobuf;
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
    [Fact]
    public async Task Kinds_stand_in_the_order_of_their_names()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();

        var (_, aggregated) = await client.ReadAsync("/api", Aggregated);
        var (_, classic) = await client.ReadAsync("/api/v1");

        var names = aggregated["items"]![0]!["versions"]![0]!["resources"]!.AsArray().Select(resource => (string)resource!["resource"]!).ToArray();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(
            names, classic["resources"]!.AsArray().Select(resource => (string)resource!["name"]!).Where(name => !name.Contains('/', StringComparison.Ordinal)));
    }

    /// <summary>kubectl asks for it in protobuf, whose bytes are few enough to be read here.</summary>
    [Fact]
    public async Task The_old_form_of_OpenAPI_is_there_and_empty()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v2");
        request.Headers.TryAddWithoutValidation("Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
        using var response = await client.SendAsync(request);

        var document = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", response.Content.Headers.ContentType!.MediaType);
        var fields = Fields(document);
        Assert.Equal("2.0", Encoding.UTF8.GetString(fields[1]));
        Assert.Equal("Kubernetes", Encoding.UTF8.GetString(Fields(fields[2])[1]));
        Assert.Empty(fields[8]);
        var (_, json) = await client.ReadAsync("/openapi/v2");
        Assert.Equal("2.0", (string)json["swagger"]!);

        static Dictionary<int, byte[]> Fields(ReadOnlySpan<byte> message)
        {
            var fields = new Dictionary<int, byte[]>();
            for (var reader = new ProtobufReader(message); reader.Next();)
            {
                fields.Add(reader.Number, reader.Content.ToArray());
            }

            return fields;
        }
    }
}
