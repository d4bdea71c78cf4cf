using System.Diagnostics;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Testing.Tests.Http;

public sealed class WatchTests
{
    private const string Initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task A_watch_goes_on_from_a_list(string version)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));
        var (_, list) = await client.ReadAsync(Cluster.ConfigMaps);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("b"));

        using var watch = await WatchReader.OpenAsync(
            client, $"{Cluster.ConfigMaps}?watch=1&resourceVersion={list.Version()}", version: Version.Parse(version));
        await client.MergeAsync($"{Cluster.ConfigMaps}/a", new() { ["data"] = new JsonObject { ["value"] = "2" } });
        await client.SendAsync(HttpMethod.Delete, $"{Cluster.ConfigMaps}/b");

        Assert.Equal("ADDED b", await watch.NextAsync());
        var modified = await watch.EventAsync();
        Assert.Equal("2", (string)modified["object"]!["data"]!["value"]!);
        Assert.Equal("v1", (string)modified["object"]!["apiVersion"]!);
        var deleted = await watch.EventAsync();
        Assert.Equal("DELETED", (string)deleted["type"]!);
        Assert.True(long.Parse(deleted["object"]!.Version()) > long.Parse(modified["object"]!.Version()), "a deletion has a version of its own");
    }

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersion=0")]
    public async Task A_watch_without_a_version_begins_with_what_there_is(string query)
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));

        using var watch = await WatchReader.OpenAsync(client, $"{Cluster.ConfigMaps}?watch=true{query}");

        Assert.Equal("ADDED a", await watch.NextAsync());
    }

    [Fact]
    public async Task Initial_events_end_with_a_bookmark()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.Routes, Cluster.Route("a"));
        var (_, list) = await client.ReadAsync(Cluster.Routes);

        using var watch = await WatchReader.OpenAsync(client, $"{Cluster.Routes}?watch=true&{Initial}");

        Assert.Equal("ADDED a", await watch.NextAsync());
        var bookmark = await watch.EventAsync();
        Assert.Equal("BOOKMARK", (string)bookmark["type"]!);
        Assert.Equal("HTTPRoute", (string)bookmark["object"]!["kind"]!);
        Assert.Equal("true", (string)bookmark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!);
        Assert.Equal(list.Version(), bookmark["object"]!.Version());
    }

    [Fact]
    public async Task Older_servers_refuse_initial_events()
    {
        await using var cluster = await Cluster.StartAsync(options => options.StreamingLists = false);
        using var client = cluster.CreateClient();

        var (code, body) = await client.ReadAsync($"{Cluster.Routes}?watch=true&{Initial}");

        Assert.Equal((422, "Invalid"), (code, (string)body["reason"]!));
    }

    [Fact]
    public async Task Selectors_turn_transitions_into_arrivals_and_departures()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var watch = await WatchReader.OpenAsync(client, $"{Cluster.ConfigMaps}?watch=true&labelSelector=colour%3Dred");
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "1", ("colour", "blue")));
        await client.MergeAsync($"{Cluster.ConfigMaps}/a", Label("red"));
        await client.MergeAsync($"{Cluster.ConfigMaps}/a", new() { ["data"] = new JsonObject { ["value"] = "2" } });
        await client.MergeAsync($"{Cluster.ConfigMaps}/a", Label("green"));
        await client.SendAsync(HttpMethod.Delete, $"{Cluster.ConfigMaps}/a");
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("b", "1", ("colour", "red")));

        Assert.Equal("ADDED a", await watch.NextAsync());
        Assert.Equal("MODIFIED a", await watch.NextAsync());
        var departed = await watch.EventAsync();
        Assert.Equal("DELETED", (string)departed["type"]!);
        Assert.Equal("red", (string)departed["object"]!["metadata"]!["labels"]!["colour"]!);
        Assert.Equal("ADDED b", await watch.NextAsync());
    }

    [Fact]
    public async Task Bookmarks_come_by_the_clock_and_cover_what_is_not_shown()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(options => options.Time = time);
        using var client = cluster.CreateClient();
        using var watch = await WatchReader.OpenAsync(client, $"{Cluster.ConfigMaps}?watch=true&allowWatchBookmarks=true&timeoutSeconds=90");
        var created = await client.CreateAsync("/api/v1/namespaces/kube-system/configmaps", Cluster.ConfigMap("elsewhere"));

        time.Advance(TimeSpan.FromSeconds(60));
        var bookmark = await watch.EventAsync();
        Assert.Equal(("BOOKMARK", created.Version()), ((string)bookmark["type"]!, bookmark["object"]!.Version()));

        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("BOOKMARK", await watch.NextAsync());
        Assert.Null(await watch.LineAsync());
    }

    [Fact]
    public async Task A_watch_without_bookmarks_ends_in_silence()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(options => options.Time = time);
        using var client = cluster.CreateClient();
        using var watch = await WatchReader.OpenAsync(client, $"{Cluster.ConfigMaps}?watch=true&timeoutSeconds=5");

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(await watch.LineAsync());
        await cluster.UntilUnwatchedAsync();
    }

    [Fact]
    public async Task Versions_that_cannot_be_served_are_refused_before_the_watch_begins()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));
        cluster.Faults.Compact();

        var (expired, gone) = await client.ReadAsync($"{Cluster.ConfigMaps}?watch=true&resourceVersion=1");
        var (tooLarge, _) = await client.ReadAsync($"{Cluster.ConfigMaps}?watch=true&resourceVersion=99999");

        Assert.Equal((410, "Expired", 504), (expired, (string)gone["reason"]!, tooLarge));
    }

    [Fact]
    public async Task Watched_tables_have_their_columns_once_and_metadata_is_watched_alone()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("b"));
        using var tables = await WatchReader.OpenAsync(client, $"{Cluster.ConfigMaps}?watch=true", "application/json;as=Table;v=v1;g=meta.k8s.io");
        using var metadata = await WatchReader.OpenAsync(
            client, $"{Cluster.ConfigMaps}?watch=true", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");

        Assert.NotNull((await tables.EventAsync())["object"]!["columnDefinitions"]);
        Assert.Null((await tables.EventAsync())["object"]!["columnDefinitions"]);
        var partial = (await metadata.EventAsync())["object"]!;
        Assert.Equal(("PartialObjectMetadata", "a"), ((string)partial["kind"]!, partial.Name()));
        Assert.Null(partial["data"]);
    }

    [Fact]
    public async Task Many_watches_share_a_connection_and_all_are_told()
    {
        const int Count = 1000;
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));
        var watches = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ =>
            WatchReader.OpenAsync(client, $"{Cluster.ConfigMaps}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")));

        var began = Stopwatch.GetTimestamp();
        await client.MergeAsync($"{Cluster.ConfigMaps}/a", new() { ["data"] = new JsonObject { ["value"] = "2" } });
        Assert.All(await Task.WhenAll(watches.Select(watch => watch.NextAsync())), next => Assert.Equal("MODIFIED a", next));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Count} watches told in {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        Assert.InRange(cluster.ActiveWatches.Select(watch => watch.ConnectionId).Distinct().Count(), 1, 10);
        Array.ForEach(watches, watch => watch.Dispose());
    }

    private static JsonObject Label(string colour) => new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["colour"] = colour } } };
}
