using System.Text.Json.Nodes;
using MeshSdk.Testing.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Testing.Tests.Http;

public sealed class DeleteTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_deletion_says_what_is_gone()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var created = await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));

        var (code, status) = await client.SendAsync(HttpMethod.Delete, $"{Cluster.Routes}/a");
        var (again, _) = await client.SendAsync(HttpMethod.Delete, $"{Cluster.Routes}/a");

        Assert.Equal((200, 404), (code, again));
        Assert.Equal("Success", (string)status["status"]!);
        Assert.Equal((string)created["metadata"]!["uid"]!, (string)status["details"]!["uid"]!);
        Assert.Equal("httproutes", (string)status["details"]!["kind"]!);
    }

    [Fact]
    public async Task Finalizers_hold_an_object_until_the_last_has_gone()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var route = Cluster.Route("a");
        route["metadata"]!["finalizers"] = new JsonArray("example.com/x", "example.com/y");
        await client.CreateAsync(Cluster.Routes, route);
        using var watch = await WatchReader.OpenAsync(client, $"{Cluster.Routes}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan");

        var (_, terminating) = await client.SendAsync(HttpMethod.Delete, $"{Cluster.Routes}/a");
        var (more, _) = await client.MergeAsync($"{Cluster.Routes}/a", Finalizers("example.com/x", "example.com/z"));
        await client.MergeAsync($"{Cluster.Routes}/a", Finalizers("example.com/x"));
        var (last, _) = await client.MergeAsync($"{Cluster.Routes}/a", Finalizers());
        var (gone, _) = await client.ReadAsync($"{Cluster.Routes}/a");

        Assert.NotNull(terminating["metadata"]!["deletionTimestamp"]);
        Assert.Equal(2, (int)terminating["metadata"]!["generation"]!);
        Assert.Equal((422, 200, 404), (more, last, gone));
        Assert.Equal(["MODIFIED a", "MODIFIED a", "DELETED a"], [await watch.NextAsync(), await watch.NextAsync(), await watch.NextAsync()]);
    }

    [Fact]
    public async Task Preconditions_are_held_to()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        var created = await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));

        var (otherUid, _) = await DeleteAsync(new() { ["uid"] = "other" });
        var (otherVersion, _) = await DeleteAsync(new() { ["resourceVersion"] = "1" });
        var (same, _) = await DeleteAsync(new() { ["uid"] = (string)created["metadata"]!["uid"]!, ["resourceVersion"] = created.Version() });

        Assert.Equal((409, 409, 200), (otherUid, otherVersion, same));

        async Task<(int, JsonObject)> DeleteAsync(JsonObject preconditions) => await client.SendAsync(
            HttpMethod.Delete, $"{Cluster.Routes}/a", new JsonObject { ["propagationPolicy"] = "Background", ["preconditions"] = preconditions });
    }

    [Fact]
    public async Task A_pod_goes_when_its_grace_is_over()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(options => options.Time = time);
        using var client = cluster.CreateClient();
        await client.CreateAsync(Pods, Pod("a"));
        await client.CreateAsync(Pods, Pod("b"));

        var (_, terminating) = await client.SendAsync(HttpMethod.Delete, $"{Pods}/a?gracePeriodSeconds=30");
        var (_, gone) = await client.SendAsync(HttpMethod.Delete, $"{Pods}/b");
        time.Advance(TimeSpan.FromSeconds(29));
        var (before, _) = await client.ReadAsync($"{Pods}/a");
        time.Advance(TimeSpan.FromSeconds(1));
        var (after, _) = await client.ReadAsync($"{Pods}/a");

        Assert.Equal(30, (int)terminating["metadata"]!["deletionGracePeriodSeconds"]!);
        Assert.Equal("Success", (string)gone["status"]!);
        Assert.Equal((200, 404), (before, after));
    }

    [Fact]
    public async Task A_collection_is_deleted_as_selected()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "1", ("x", "y")));
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("b", "1", ("x", "y")));
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("c"));

        var (code, deleted) = await client.SendAsync(HttpMethod.Delete, $"{Cluster.ConfigMaps}?labelSelector=x%3Dy");
        var (_, left) = await client.ReadAsync(Cluster.ConfigMaps);

        Assert.Equal(200, code);
        Assert.Equal(["a", "b"], deleted.Names());
        Assert.Equal(["c"], left.Names());
    }

    [Fact]
    public async Task A_namespace_that_waits_for_its_controller_takes_nothing_new()
    {
        await using var cluster = await Cluster.StartAsync(options =>
        {
            // A server of which the controllers are expected, and none comes to empty the namespace.
            options.Controllers = true;
            options.Semantics = new PlainSemantics();
        });
        using var client = cluster.CreateClient();
        await client.CreateAsync("/api/v1/namespaces", new() { ["kind"] = "Namespace", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = "shop" } });
        var held = Cluster.ConfigMap("held");
        held["metadata"]!["finalizers"] = new JsonArray("example.com/x");
        await client.CreateAsync("/api/v1/namespaces/shop/configmaps", held);

        var (_, terminating) = await client.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/shop");
        var (refused, status) = await client.SendAsync(HttpMethod.Post, "/api/v1/namespaces/shop/configmaps", Cluster.ConfigMap("late"));
        var (lasting, _) = await client.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/default");

        Assert.Equal("Terminating", (string)terminating["status"]!["phase"]!);
        Assert.Equal((403, "NamespaceTerminating"), (refused, (string)status["details"]!["causes"]![0]!["reason"]!));
        Assert.Equal(403, lasting);
    }

    [Fact]
    public async Task A_finalized_namespace_goes()
    {
        await using var cluster = await Cluster.StartAsync(options => options.Controllers = true);
        cluster.Api.Put("", "namespaces", new() { ["metadata"] = new JsonObject { ["name"] = "shop", ["finalizers"] = new JsonArray("example.com/x") } });
        using var client = cluster.CreateClient();
        await client.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/shop");

        var (_, body) = await client.ReadAsync("/api/v1/namespaces/shop");
        body["spec"] = new JsonObject { ["finalizers"] = new JsonArray() };

        // The controller of the server is at it, too: whichever comes first, the other is no conflict.
        body["metadata"]!.AsObject().Remove("resourceVersion");
        var (finalized, _) = await client.SendAsync(HttpMethod.Put, "/api/v1/namespaces/shop/finalize", body);
        var (held, _) = await client.ReadAsync("/api/v1/namespaces/shop");
        await client.MergeAsync("/api/v1/namespaces/shop", Finalizers());
        var (gone, _) = await client.ReadAsync("/api/v1/namespaces/shop");

        Assert.Equal((200, 200, 404), (finalized, held, gone));
    }

    /// <summary>The controller, which writes at the same time, neither brings a finalizer back nor a namespace that has gone.</summary>
    [Fact]
    public async Task Whoever_takes_a_finalizer_from_a_namespace_that_ends_has_taken_it()
    {
        await using var cluster = await Cluster.StartAsync(options => options.Controllers = true);
        using var client = cluster.CreateClient();
        for (var i = 0; i < 40; i++)
        {
            var path = $"/api/v1/namespaces/shop-{i}";
            cluster.Api.Put("", "namespaces", new() { ["metadata"] = new JsonObject { ["name"] = $"shop-{i}", ["finalizers"] = new JsonArray("example.com/x") } });
            await client.SendAsync(HttpMethod.Delete, path);
            await client.MergeAsync(path, Finalizers());
        }

        await cluster.Api.UntilAsync(api => api.List("", "namespaces").All(ns => !ns.Name().StartsWith("shop-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_controllers_a_namespace_takes_its_objects_with_it()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync("/api/v1/namespaces", new() { ["kind"] = "Namespace", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = "shop" } });
        await client.CreateAsync("/api/v1/namespaces/shop/configmaps", Cluster.ConfigMap("a"));

        await client.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/shop");
        var (_, left) = await client.ReadAsync("/api/v1/configmaps");

        Assert.Empty(left.Names());
    }

    private static JsonObject Finalizers(params string[] finalizers) => new()
    {
        ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => JsonValue.Create(finalizer))]) },
    };

    private static JsonObject Pod(string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" }) },
    };
}
