using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Http;

public sealed class WriteTests
{
    [Fact]
    public async Task The_server_has_its_own_part_of_the_metadata()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var route = Cluster.Route("a");
        route["metadata"]!["uid"] = "mine";
        route["metadata"]!["generation"] = 7;
        route["status"] = new JsonObject { ["parents"] = new JsonArray() };

        var created = await client.CreateAsync($"{Cluster.Routes}?fieldManager=me", route);

        Assert.NotEqual("mine", (string)created["metadata"]!["uid"]!);
        Assert.Equal(1, (int)created["metadata"]!["generation"]!);
        Assert.Equal("default", (string)created["metadata"]!["namespace"]!);
        Assert.NotNull(created["metadata"]!["creationTimestamp"]);
        Assert.Equal("me", (string)created["metadata"]!["managedFields"]![0]!["manager"]!);
        Assert.Null(created["status"]);
    }

    [Fact]
    public async Task Names_are_generated()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var content = Cluster.ConfigMap("");
        content["metadata"] = new JsonObject { ["generateName"] = "run-" };

        var created = await client.CreateAsync(Cluster.ConfigMaps, content);

        Assert.Matches("^run-[a-z0-9]{5}$", created.Name());
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps", """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"taken"}}""", 409, "configmaps \"taken\" already exists")]
    [InlineData("/api/v1/namespaces/none/configmaps", """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}""", 404, "namespaces \"none\" not found")]
    [InlineData("/api/v1/namespaces/default/configmaps", """{"kind":"ConfigMap","apiVersion":"v1","metadata":{}}""", 422, "name or generateName is required")]
    [InlineData("/api/v1/namespaces/default/configmaps", """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}}""", 400, "cannot be handled as a ConfigMap")]
    [InlineData("/api/v1/namespaces/default/configmaps", """{"kind":"ConfigMap","apiVersion":"v2","metadata":{"name":"a"}}""", 400, "does not match the expected API version")]
    [InlineData("/api/v1/namespaces/default/configmaps", """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"b"}}""", 400, "does not match the namespace sent on the request")]
    [InlineData("/api/v1/namespaces/default/configmaps", """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"5"}}""", 400, "resourceVersion should not be set")]
    [InlineData("/api/v1/namespaces/default/configmaps", """{"kind":""", 400, "Expected")]
    [InlineData("/api/v1/namespaces/default/configmaps", "[]", 400, "a JSON object is expected")]
    [InlineData("/api/v1/configmaps", """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}""", 404, "could not find the requested resource")]
    [InlineData("/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes", """{"metadata":{"name":"a"}}""", 400, "Object 'Kind' is missing")]
    public async Task Creations_are_refused_in_kubernetes_words(string path, string body, int code, string message)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("taken"));

        using var response = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

        var status = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(code, (int)response.StatusCode);
        Assert.Equal(("Status", "Failure", code), ((string)status["kind"]!, (string)status["status"]!, (int)status["code"]!));
        Assert.Contains(message, (string)status["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_replacement_conflicts_and_a_fresh_one_does_not()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var first = await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));
        var (_, second) = await client.MergeAsync($"{Cluster.Routes}/a", Cluster.Route("a", 2));

        var (stale, body) = await client.SendAsync(HttpMethod.Put, $"{Cluster.Routes}/a", first);
        second["spec"] = Cluster.Route("a", 3)["spec"]!.DeepClone();
        var (fresh, third) = await client.SendAsync(HttpMethod.Put, $"{Cluster.Routes}/a", second);
        second["metadata"]!.AsObject().Remove("resourceVersion");
        var (unversioned, _) = await client.SendAsync(HttpMethod.Put, $"{Cluster.Routes}/a", second);

        Assert.Equal((409, "Conflict"), (stale, (string)body["reason"]!));
        Assert.Equal(
            "Operation cannot be fulfilled on httproutes.gateway.networking.k8s.io \"a\": the object has been modified; please apply your changes to the "
            + "latest version and try again", (string)body["message"]!);
        Assert.Equal((200, 3), (fresh, (int)third["metadata"]!["generation"]!));
        Assert.Equal(422, unversioned);
    }

    [Fact]
    public async Task A_write_that_changes_nothing_is_none()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var created = await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));
        using var watch = await WatchReader.OpenAsync(client, $"{Cluster.Routes}?watch=true&resourceVersion={created.Version()}");

        var (_, put) = await client.SendAsync(HttpMethod.Put, $"{Cluster.Routes}/a", created);
        var (_, patched) = await client.MergeAsync($"{Cluster.Routes}/a", Cluster.Route("a"));
        await client.MergeAsync($"{Cluster.Routes}/a", Cluster.Route("a", 2));

        Assert.Equal((created.Version(), created.Version()), (put.Version(), patched.Version()));
        var next = await watch.EventAsync();
        Assert.Equal(2, (int)next["object"]!["spec"]!["rules"]![0]!["backendRefs"]![0]!["weight"]!);
    }

    [Fact]
    public async Task Generations_count_specs_not_metadata()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));

        var (_, labelled) = await client.MergeAsync($"{Cluster.Routes}/a", new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["x"] = "y" } } });
        var (_, changed) = await client.MergeAsync($"{Cluster.Routes}/a", Cluster.Route("a", 2));

        Assert.Equal((1, 2), ((int)labelled["metadata"]!["generation"]!, (int)changed["metadata"]!["generation"]!));
    }

    [Fact]
    public async Task Object_and_status_leave_each_other_alone()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var route = await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));
        route["spec"] = Cluster.Route("a", 9)["spec"]!.DeepClone();
        route["metadata"]!["labels"] = new JsonObject { ["x"] = "y" };
        route["status"] = Status("p");

        var (code, status) = await client.SendAsync(HttpMethod.Put, $"{Cluster.Routes}/a/status", route);
        var (_, main) = await client.MergeAsync($"{Cluster.Routes}/a", new() { ["status"] = Status("q") });

        Assert.Equal(200, code);
        Assert.Equal("p", (string)status["status"]!["parents"]![0]!["parentRef"]!["name"]!);
        Assert.Equal(1, (int)status["spec"]!["rules"]![0]!["backendRefs"]![0]!["weight"]!);
        Assert.Null(status["metadata"]!["labels"]);
        Assert.Equal(1, (int)status["metadata"]!["generation"]!);
        Assert.Equal("p", (string)main["status"]!["parents"]![0]!["parentRef"]!["name"]!);
        Assert.Equal(status.Version(), main.Version());

        static JsonObject Status(string parent) => JsonNode.Parse($$"""
            {"parents":[{"parentRef":{"name":"{{parent}}"},"controllerName":"example.com/c","conditions":[{"type":"Accepted","status":"True","reason":"Accepted","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}]}
            """)!.AsObject();
    }

    [Fact]
    public async Task A_dry_run_goes_the_whole_way_and_stores_nothing()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();

        var (created, shown) = await client.SendAsync(HttpMethod.Post, $"{Cluster.Routes}?dryRun=All", Cluster.Route("a"));
        var (read, _) = await client.ReadAsync($"{Cluster.Routes}/a");
        await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));
        var (_, patched) = await client.MergeAsync($"{Cluster.Routes}/a?dryRun=All", Cluster.Route("a", 5));
        var (_, deleted) = await client.SendAsync(HttpMethod.Delete, $"{Cluster.Routes}/a?dryRun=All");
        var (_, left) = await client.ReadAsync($"{Cluster.Routes}/a");

        Assert.Equal((201, 404), (created, read));
        Assert.NotNull(shown["metadata"]!["uid"]);
        Assert.Null(shown["metadata"]!["resourceVersion"]);
        Assert.Equal(5, (int)patched["spec"]!["rules"]![0]!["backendRefs"]![0]!["weight"]!);
        Assert.Equal("Success", (string)deleted["status"]!);
        Assert.Equal(1, (int)left["spec"]!["rules"]![0]!["backendRefs"]![0]!["weight"]!);
    }

    [Theory]
    [InlineData("Strict", 400, false)]
    [InlineData("Warn", 201, true)]
    [InlineData("Ignore", 201, false)]
    [InlineData("", 201, true)]
    [InlineData("Maybe", 422, false)]
    public async Task Unknown_and_repeated_fields_are_refused_or_warned_of(string validation, int code, bool warns)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        foreach (var spec in (string[])["""{"unknown":1}""", """{"hostnames":["a.example.com"],"hostnames":["b.example.com"]}"""])
        {
            var body = $$"""{"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute","metadata":{"generateName":"a-"},"spec":{{spec}}}""";

            using var response = await client.PostAsync(
                $"{Cluster.Routes}?fieldValidation={validation}", new StringContent(body, Encoding.UTF8, "application/json"));

            Assert.Equal(code, (int)response.StatusCode);
            Assert.Equal(warns, response.Headers.TryGetValues("Warning", out var warnings));
            Assert.All(warnings ?? [], warning => Assert.StartsWith("299 - \"", warning, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Apply_creates_changes_and_conflicts()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();

        var (created, _) = await ApplyAsync(1, "fieldManager=a");
        var (changed, _) = await ApplyAsync(2, "fieldManager=a");
        var (conflict, refused) = await ApplyAsync(3, "fieldManager=b");
        var (forced, _) = await ApplyAsync(3, "fieldManager=b&force=true");
        var (nameless, _) = await ApplyAsync(4, "");

        Assert.Equal((201, 200, 409, 200, 422), (created, changed, conflict, forced, nameless));
        Assert.Equal("Conflict", (string)refused["reason"]!);

        async Task<(int, JsonObject)> ApplyAsync(int weight, string query) =>
            await client.SendAsync(HttpMethod.Patch, $"{Cluster.Routes}/a?{query}", Cluster.Route("a", weight), "application/apply-patch+yaml");
    }

    [Fact]
    public async Task Yaml_is_read_as_well()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        const string Yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  value: \"7\"\n";

        using var response = await client.PostAsync(Cluster.ConfigMaps, new StringContent(Yaml, Encoding.UTF8, "application/yaml"));

        Assert.Equal(201, (int)response.StatusCode);
        Assert.Contains("\"7\"", await cluster.GetAsync("cm", null, "a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_have_a_size_and_a_format()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();

        var (tooLarge, _) = await client.SendAsync(HttpMethod.Post, Cluster.ConfigMaps, Cluster.ConfigMap("a", new string('x', 4_000_000)));
        var (unknown, _) = await client.SendAsync(HttpMethod.Post, Cluster.ConfigMaps, Cluster.ConfigMap("a"), "text/csv");
        var (put, _) = await client.SendAsync(HttpMethod.Put, Cluster.ConfigMaps, Cluster.ConfigMap("a"));

        Assert.Equal((413, 415, 405), (tooLarge, unknown, put));
    }

    [Fact]
    public async Task A_definition_brings_its_kind_and_takes_it_away()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        var definition = JsonNode.Parse("""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.example.com"},
             "spec":{"group":"example.com","scope":"Namespaced","names":{"kind":"Thing","plural":"things","singular":"thing","listKind":"ThingList"},
             "versions":[{"name":"v1","served":true,"storage":true,
                "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}
            """)!.AsObject();
        const string Things = "/apis/example.com/v1/namespaces/default/things";

        var (before, _) = await client.ReadAsync(Things);
        var created = await client.CreateAsync(Definitions, definition);
        await client.CreateAsync(Things, new()
        {
            ["apiVersion"] = "example.com/v1",
            ["kind"] = "Thing",
            ["metadata"] = new JsonObject { ["name"] = "a" },
        });
        using var watch = await WatchReader.OpenAsync(client, $"{Things}?watch=true");
        var (_, groups) = await client.ReadAsync("/apis");
        await client.SendAsync(HttpMethod.Delete, $"{Definitions}/things.example.com");
        var (after, _) = await client.ReadAsync(Things);

        Assert.Equal((404, 404), (before, after));
        Assert.Equal(["NamesAccepted", "Established"], created["status"]!["conditions"]!.AsArray().Select(condition => (string)condition!["type"]!));
        Assert.Equal("v1", (string)created["status"]!["storedVersions"]![0]!);
        Assert.Contains("example.com", groups["groups"]!.AsArray().Select(group => (string)group!["name"]!));
        Assert.Equal("ADDED a", await watch.NextAsync());
        Assert.Equal("DELETED a", await watch.NextAsync());
        Assert.Null(await watch.LineAsync());
    }
}
