using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class ReflectorListTests
{
    [Fact]
    public async Task A_list_is_read_page_by_page_and_told_once_it_is_whole()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);

        var first = await server.NextAsync();
        Assert.Equal("/apis/gateway.networking.k8s.io/v1/namespaces/ns/httproutes", first.Path);
        Assert.Equal("?limit=500&resourceVersion=0", first.Query);
        await first.AnswerAsync(200, Page(10, "next page", Route("a", 1), Route("b", 2)));
        var second = await server.NextAsync();
        Assert.Equal("?limit=500&continue=next page", second.Query);
        Assert.False(followed.HasUpdate);
        await second.AnswerZippedAsync(List(10, Route("c", 3)));

        var update = await followed.NextAsync();
        Assert.Equal("a=1 b=2 c=3", followed.Told);
        Assert.Equal(new(WatchState.Live, IsKnown: true, ""), update.Condition);
        var watch = await server.NextAsync();
        Assert.Matches("^\\?watch=true&allowWatchBookmarks=true&timeoutSeconds=(2[4-9][0-9]|3[0-5][0-9]|360)&resourceVersion=10$", watch.Query);
    }

    [Fact]
    public async Task Selectors_and_the_core_group_make_their_own_paths()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var target = Followed.Target("", "Service", "services", "v1") with { Namespace = null, FieldSelector = "metadata.name=a", LabelSelector = "x in (a,b)" };
        await using var followed = await Followed.StartWithListsAsync(server, target);

        var list = await server.NextAsync();

        Assert.Equal("/api/v1/services", list.Path);
        Assert.Equal("?limit=500&resourceVersion=0&labelSelector=x in (a,b)&fieldSelector=metadata.name=a", list.Query);
        Assert.StartsWith("MeshSdk/", list.UserAgent, StringComparison.Ordinal);
        Assert.Equal("Bearer secret", list.Authorization);
    }

    [Fact]
    public async Task A_continue_token_that_has_expired_starts_the_list_over_without_pages()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        await (await server.NextAsync()).AnswerAsync(200, Page(10, "t", Route("a", 1), Route("gone", 2)));
        await (await server.NextAsync()).AnswerAsync(410, Status(410, "Expired"));

        var again = await server.NextAsync();
        Assert.Equal("", again.Query);
        await again.AnswerAsync(200, List(11, Route("a", 1), Route("b", 3)));

        await followed.NextAsync();
        Assert.Equal("a=1 b=3", followed.Told);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("reset")]
    [InlineData("garbage")]
    [InlineData("silence")]
    public async Task A_list_that_breaks_off_is_dropped_and_read_again(string fault)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        var list = await server.NextAsync();
        await list.OpenAsync();
        await list.WriteAsync(List(10, Route("a", 1), Route("b", 2))[..^2]);
        switch (fault)
        {
            case "close":
                list.Close();
                break;
            case "reset":
                list.Reset();
                break;
            case "garbage":
                await list.WriteAsync("<html>");
                break;
            default:
                await followed.Time.WaitBeginsAsync(20, 20);
                await followed.Time.SkipAsync(20, 20);
                break;
        }

        var update = await followed.NextAsync();
        Assert.Equal(WatchState.Pending, update.Condition!.State);
        Assert.False(update.Condition.IsKnown);
        Assert.NotEmpty(update.Condition.Detail);
        Assert.Empty(update.Upserts);

        await followed.Time.SkipAsync(1, 1.5);
        await (await server.NextAsync()).AnswerAsync(200, List(10, Route("a", 1)));
        await followed.NextAsync();
        Assert.Equal("a=1", followed.Told);
    }

    [Fact]
    public async Task The_first_version_that_the_server_has_is_read()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var target = Followed.Target("gateway.networking.k8s.io", "HTTPRoute", "httproutes", "v1", "v1beta1");
        await using var followed = await Followed.StartAsync(server, target);

        var discovery = await server.NextAsync();
        Assert.Equal("/apis/gateway.networking.k8s.io", discovery.Path);
        await discovery.AnswerAsync(200, Group("gateway.networking.k8s.io", "v1alpha2", "v1beta1"));

        Assert.Equal("/apis/gateway.networking.k8s.io/v1beta1/namespaces/ns/httproutes", (await server.NextAsync()).Path);
    }

    [Fact]
    public async Task A_version_of_the_group_that_lacks_the_kind_is_passed_over()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var target = Followed.Target("gateway.networking.k8s.io", "HTTPRoute", "httproutes", "v1", "v1beta1");
        await using var followed = await Followed.StartAsync(server, target);
        await (await server.NextAsync()).AnswerAsync(200, Group("gateway.networking.k8s.io", "v1", "v1beta1"));

        var first = await server.NextAsync();
        Assert.Contains("/v1/", first.Path, StringComparison.Ordinal);
        await first.AnswerAsync(404, "404 page not found");

        Assert.Contains("/v1beta1/", (await server.NextAsync()).Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_kind_that_is_not_installed_is_an_empty_set_and_is_looked_for_again(bool hasGroup)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var target = Followed.Target("gateway.networking.k8s.io", "HTTPRoute", "httproutes", hasGroup ? ["v1"] : ["v1", "v1beta1"]);
        await using var followed = await Followed.StartAsync(server, target);
        await (await server.NextAsync()).AnswerAsync(404, "404 page not found");
        if (!hasGroup)
        {
            // A server may lack discovery and have the kind all the same.
            await (await server.NextAsync()).AnswerAsync(404, "404 page not found");
            await (await server.NextAsync()).AnswerAsync(404, "404 page not found");
        }

        var discovery = await server.NextAsync();
        Assert.Equal("/apis", discovery.Path);
        await discovery.AnswerAsync(200, Groups(Group("apps", "v1")));

        var update = await followed.NextAsync();
        Assert.Equal((WatchState.NotInstalled, true), (update.Condition!.State, update.Condition.IsKnown));
        Assert.Contains("httproutes.gateway.networking.k8s.io", update.Condition.Detail, StringComparison.Ordinal);

        await followed.Time.SkipAsync(30.001, 33);
        var next = await server.NextAsync();
        if (!hasGroup)
        {
            await next.AnswerAsync(200, Group("gateway.networking.k8s.io", "v1"));
            next = await server.NextAsync();
        }

        await next.OpenAsync();
        await next.LineAsync(InitialEnd(5));
        Assert.Equal(WatchState.Live, (await followed.NextAsync()).Condition!.State);
    }

    [Fact]
    public async Task A_kind_is_found_where_the_server_has_no_discovery()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var target = Followed.Target("gateway.networking.k8s.io", "HTTPRoute", "httproutes", "v1", "v1beta1");
        await using var followed = await Followed.StartAsync(server, target);
        await (await server.NextAsync()).AnswerAsync(404, "404 page not found");

        var watch = await server.NextAsync();
        Assert.Equal("/apis/gateway.networking.k8s.io/v1/namespaces/ns/httproutes", watch.Path);
        await watch.OpenAsync();
        await watch.LineAsync(InitialEnd(5));
        Assert.Equal(WatchState.Live, (await followed.NextAsync()).Condition!.State);
    }

    [Fact]
    public async Task A_kind_that_vanishes_takes_its_objects_along_only_after_a_while()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        watch.Close();
        await followed.Time.SkipAsync(1, 1.5);
        await (await server.NextAsync()).AnswerAsync(404, "404 page not found");
        await (await server.NextAsync()).AnswerAsync(200, Groups());
        await followed.NextAsync();
        Assert.Equal(("a=1", WatchState.Stale), (followed.Told, followed.Condition!.State));

        // The looks grow apart until ten seconds have passed.
        for (var wait = 2; followed.Told.Length > 0; wait *= 2)
        {
            await followed.Time.SkipAsync(wait, wait * 1.5);
            await (await server.NextAsync()).AnswerAsync(404, "404 page not found");
            if (wait > 2)
            {
                await (await server.NextAsync()).AnswerAsync(200, Groups());
            }

            if (wait == 8)
            {
                await followed.NextAsync();
            }
        }

        Assert.Equal(WatchState.NotInstalled, followed.Condition!.State);
    }
}
