using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Http;

public sealed class ReadTests
{
    [Fact]
    public async Task An_object_is_read_as_it_was_written()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var created = await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "x"));

        var (code, read) = await client.ReadAsync($"{Cluster.ConfigMaps}/a");

        Assert.Equal(200, code);
        Assert.True(JsonNode.DeepEquals(created, read));
        Assert.Equal("x", (string)read["data"]!["value"]!);
    }

    [Fact]
    public async Task A_kind_is_served_in_all_its_versions_from_one_store()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));

        var (_, read) = await client.ReadAsync(Cluster.Routes.Replace("v1", "v1beta1", StringComparison.Ordinal) + "/a");
        var (_, list) = await client.ReadAsync(Cluster.Routes.Replace("v1", "v1beta1", StringComparison.Ordinal));

        Assert.Equal("gateway.networking.k8s.io/v1beta1", (string)read["apiVersion"]!);
        Assert.Equal("gateway.networking.k8s.io/v1beta1", (string)list["items"]![0]!["apiVersion"]!);
        Assert.Equal("HTTPRouteList", (string)list["kind"]!);
    }

    [Fact]
    public async Task Lists_of_built_in_kinds_do_not_repeat_the_kind_as_in_a_real_cluster()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));

        var (_, list) = await client.ReadAsync(Cluster.ConfigMaps);

        Assert.Equal(["metadata", "data"], list["items"]![0]!.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task Pages_show_the_moment_of_the_first()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
        {
            await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(name));
        }

        var (_, first) = await client.ReadAsync($"{Cluster.ConfigMaps}?limit=2");
        await client.SendAsync(HttpMethod.Delete, $"{Cluster.ConfigMaps}/d");
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("bb"));
        var (_, second) = await client.ReadAsync($"{Cluster.ConfigMaps}?limit=2&continue={first["metadata"]!["continue"]}");
        var (_, third) = await client.ReadAsync($"{Cluster.ConfigMaps}?limit=2&continue={second["metadata"]!["continue"]}");

        Assert.Equal(["a", "b"], first.Names());
        Assert.Equal(3, (int)first["metadata"]!["remainingItemCount"]!);
        Assert.Equal(["c", "d"], second.Names());
        Assert.Equal(["e"], third.Names());
        Assert.Null(third["metadata"]!["continue"]);
        Assert.Equal(first.Version(), third.Version());
    }

    [Fact]
    public async Task An_expired_page_says_how_to_go_on()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        foreach (var name in (string[])["a", "b", "c"])
        {
            await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(name));
        }

        var (_, first) = await client.ReadAsync($"{Cluster.ConfigMaps}?limit=1");
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("d"));
        cluster.Faults.Compact();
        var (code, expired) = await client.ReadAsync($"{Cluster.ConfigMaps}?limit=1&continue={first["metadata"]!["continue"]}");
        var (_, rest) = await client.ReadAsync($"{Cluster.ConfigMaps}?continue={expired["metadata"]!["continue"]}");

        Assert.Equal((410, "Expired"), (code, (string)expired["reason"]!));
        Assert.Equal(["b", "c", "d"], rest.Names());
    }

    [Theory]
    [InlineData("resourceVersion=0&limit=1", 200, 2)]
    [InlineData("resourceVersion=1", 200, 2)]
    [InlineData("resourceVersion=99999", 504, 0)]
    [InlineData("resourceVersion=1&resourceVersionMatch=Exact", 200, 0)]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact", 422, 0)]
    [InlineData("resourceVersionMatch=NotOlderThan", 422, 0)]
    [InlineData("resourceVersion=1&resourceVersionMatch=Roughly", 422, 0)]
    [InlineData("resourceVersion=x", 422, 0)]
    [InlineData("labelSelector=colour%3Dred", 200, 1)]
    [InlineData("labelSelector=colour+in+(", 400, 0)]
    [InlineData("fieldSelector=metadata.name%3Db", 200, 1)]
    [InlineData("fieldSelector=data.value%3D1", 400, 0)]
    [InlineData("continue=%21", 400, 0)]
    public async Task Lists_obey_their_query(string query, int code, int count)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "1", ("colour", "red")));
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("b"));

        var (actual, body) = await client.ReadAsync($"{Cluster.ConfigMaps}?{query}");

        Assert.Equal(code, actual);
        Assert.Equal(count, body["items"]?.AsArray().Count ?? 0);
    }

    [Fact]
    public async Task Big_lists_are_compressed_when_asked_for()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", new string('x', 200_000)));
        using var request = new HttpRequestMessage(HttpMethod.Get, Cluster.ConfigMaps) { Headers = { { "Accept-Encoding", "gzip" } } };

        using var response = await client.SendAsync(request);

        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var content = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.Equal(["a"], (await JsonNode.ParseAsync(content))!.AsObject().Names());
    }

    [Fact]
    public async Task Metadata_and_tables_are_given_to_those_who_ask()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));

        var (_, partial) = await client.ReadAsync(Cluster.ConfigMaps, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        var (_, table) = await client.ReadAsync(Cluster.ConfigMaps, "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        var (code, _) = await client.ReadAsync(Cluster.ConfigMaps, "application/cbor");

        Assert.Equal("PartialObjectMetadataList", (string)partial["kind"]!);
        Assert.Equal("PartialObjectMetadata", (string)partial["items"]![0]!["kind"]!);
        Assert.Null(partial["items"]![0]!["data"]);
        Assert.Equal("Table", (string)table["kind"]!);
        Assert.Equal("a", (string)table["rows"]![0]!["cells"]![0]!);
        Assert.Equal(406, code);
    }

    [Fact]
    public async Task Custom_resources_are_selected_by_the_fields_that_their_definition_names()
    {
        const string Group = "fields.example.com";
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Manifests.Widgets(Group));
        await cluster.ApplyAsync(Manifests.Widget(Group));
        using var client = cluster.CreateClient();
        const string Widgets = $"/apis/{Group}/v1/namespaces/default/widgets?fieldSelector=";

        Assert.Equal(["w"], (await client.ReadAsync(Widgets + "spec.color=red")).Body.Names());
        Assert.Empty((await client.ReadAsync(Widgets + "spec.color!=red")).Body.Names());
        var (code, refusal) = await client.ReadAsync(Widgets + "spec.size=3");
        Assert.Equal((400, "field label not supported: spec.size"), (code, (string)refusal["message"]!));

        // A field that only a later definition names can be selected by in objects that were there before.
        await cluster.ApplyAsync(Manifests.Widgets(Group).Replace("{jsonPath: .spec.color}", "{jsonPath: .spec.size}", StringComparison.Ordinal));
        Assert.Equal(["w"], (await client.ReadAsync(Widgets + "spec.size=3")).Body.Names());
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps/none", "configmaps \"none\" not found")]
    [InlineData("/api/v1/namespaces/default/nothings", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces/default/namespaces", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces/default/configmaps/a/status", "the server could not find the requested resource")]
    [InlineData("/apis/nobody.example.com/v1/things", null)]
    [InlineData("/", null)]
    public async Task What_is_not_there_is_not_found(string path, string? message)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();

        var (code, body) = await client.ReadAsync(path);

        Assert.Equal(404, code);
        Assert.Equal(message, (string?)body["message"]);
        Assert.Equal(message is null ? null : "NotFound", (string?)body["reason"]);
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task Both_protocols_are_served(string version)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/version")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, Version.Parse(version)), (response.StatusCode, response.Version));
        Assert.False(response.Headers.Contains("Server"));
        Assert.Contains("\"minor\":\"33\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
