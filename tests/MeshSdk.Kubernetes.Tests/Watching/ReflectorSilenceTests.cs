using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class ReflectorSilenceTests
{
    [Fact]
    public async Task A_watch_that_outlives_its_time_is_dropped_and_opened_again()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;
        var life = int.Parse(watch.Query.Split("timeoutSeconds=")[1].Split('&')[0]);

        await followed.Time.SkipAsync(life + 30, life + 30);

        await watch.GoneAsync();
        Assert.Contains("resourceVersion=10", (await server.NextAsync()).Query, StringComparison.Ordinal);
        Assert.False(followed.HasUpdate);
    }

    [Fact]
    public async Task A_server_that_sent_bookmarks_regularly_may_not_be_silent_for_long()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;
        await followed.Time.WaitBeginsAsync(270, 390);
        await watch.LineAsync(Bookmark(11));
        await followed.Time.WaitBeginsAsync(270, 390);
        followed.Time.Advance(TimeSpan.FromSeconds(20));
        await watch.LineAsync(Bookmark(12));

        await followed.Time.SkipAsync(50, 50);

        await watch.GoneAsync();
        Assert.Contains("resourceVersion=12", (await server.NextAsync()).Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_whose_headers_do_not_come_is_given_up()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        await watch.LineAsync(Bookmark(11));
        watch.Close();
        var next = await server.NextAsync();

        // The wait for the headers, which begins before the request is sent.
        followed.Time.Advance(TimeSpan.FromSeconds(30));

        await next.GoneAsync();
        Assert.Equal(WatchState.Stale, (await followed.NextAsync()).Condition!.State);
        Assert.Equal("a=1", followed.Told);
    }

    [Fact]
    public async Task A_list_that_is_not_answered_is_given_up()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        var list = await server.NextAsync();

        followed.Time.Advance(TimeSpan.FromSeconds(60));

        await list.GoneAsync();
        Assert.Equal(WatchState.Pending, (await followed.NextAsync()).Condition!.State);
    }
}
