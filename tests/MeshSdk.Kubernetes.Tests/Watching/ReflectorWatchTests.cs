using MeshSdk.Kubernetes.Tests.Fixtures;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class ReflectorWatchTests
{
    [Fact]
    public async Task Events_are_told_as_they_come()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;

        await watch.LineAsync(Event("ADDED", Route("b", 11)));
        await followed.NextAsync();
        Assert.Equal("a=1 b=11", followed.Told);

        await watch.LineAsync(Event("MODIFIED", Route("a", 12)));
        await followed.NextAsync();
        Assert.Equal("a=12 b=11", followed.Told);

        await watch.LineAsync(Event("DELETED", Route("b", 13)));
        var update = await followed.NextAsync();
        Assert.Equal("a=12", followed.Told);
        Assert.Null(update.Condition);
        Assert.Null(update.Problems);
    }

    [Fact]
    public async Task Events_that_come_together_are_told_together_and_the_last_one_of_an_object_counts()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1), Route("b", 2));
        await using var _ = followed;

        await watch.WriteAsync(string.Join("\n",
            Event("MODIFIED", Route("a", 11)), Event("DELETED", Route("b", 12)), Event("MODIFIED", Route("a", 13)), Event("ADDED", Route("b", 14)), ""));

        var update = await followed.NextAsync();
        Assert.Equal("a=13 b=14", followed.Told);
        Assert.Equal(2, update.Upserts.Length);
        Assert.Empty(update.Deletes);
    }

    [Fact]
    public async Task Event_types_that_are_not_known_and_empty_lines_are_passed_over()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;

        await watch.LineAsync("");
        await watch.LineAsync("""{"type":"RENAMED","object":{"metadata":{"name":"z","resourceVersion":"99"}}}""");
        await watch.LineAsync("""{"object":{"metadata":{"name":"b","namespace":"ns","resourceVersion":"11"},"spec":{}},"extra":[1],"type":"ADDED"}""");

        await followed.NextAsync();
        Assert.Equal("b=11", followed.Told);
        watch.Close();
        Assert.Contains("resourceVersion=11", (await server.NextAsync()).Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_that_the_server_ends_is_opened_again_from_where_it_was()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;
        await watch.LineAsync(Event("ADDED", Route("a", 11)));
        await followed.NextAsync();
        await watch.LineAsync(Bookmark(25));
        watch.Close();

        var next = await server.NextAsync();

        Assert.Contains("resourceVersion=25", next.Query, StringComparison.Ordinal);
        await next.OpenAsync();
        await next.LineAsync(Event("ADDED", Route("b", 26)));
        var update = await followed.NextAsync();
        Assert.Null(update.Condition);
        Assert.Equal("a=11 b=26", followed.Told);
    }

    [Fact]
    public async Task An_end_without_any_event_is_no_fault()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;

        await followed.Time.WaitBeginsAsync(270, 390);
        followed.Time.Advance(TimeSpan.FromSeconds(250));
        watch.Close();

        Assert.Contains("resourceVersion=10", (await server.NextAsync()).Query, StringComparison.Ordinal);
        Assert.False(followed.HasUpdate);
        Assert.DoesNotContain(followed.Log.GetSnapshot(), record => record.Level > Microsoft.Extensions.Logging.LogLevel.Information);
    }

    [Fact]
    public async Task Ends_that_follow_one_another_at_once_are_spaced()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;

        watch.Close();
        foreach (var wait in new[] { 1, 2, 4 })
        {
            await followed.Time.SkipAsync(wait, wait * 1.5);
            var next = await server.NextAsync();
            await next.OpenAsync();
            next.Close();
        }
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("half a line")]
    [InlineData("half a line and close")]
    public async Task A_watch_that_is_cut_is_opened_again_from_where_it_was(string fault)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;
        await watch.LineAsync(Event("ADDED", Route("a", 11)));
        await followed.NextAsync();
        if (fault != "reset")
        {
            await watch.WriteAsync(Event("ADDED", Route("b", 12))[..40]);
        }

        if (fault.EndsWith("close", StringComparison.Ordinal))
        {
            watch.Close();
        }
        else
        {
            watch.Reset();
            await followed.Time.SkipAsync(1, 1.5);
        }

        var next = await server.NextAsync();
        Assert.Contains("resourceVersion=11", next.Query, StringComparison.Ordinal);
        await next.OpenAsync();
        await next.LineAsync(Event("ADDED", Route("b", 12)));
        await followed.NextAsync();
        Assert.Equal("a=11 b=12", followed.Told);
    }

    [Fact]
    public async Task The_last_event_needs_no_line_break()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;

        await watch.WriteAsync(Event("ADDED", Route("a", 11)));
        watch.Close();

        await followed.NextAsync();
        Assert.Equal("a=11", followed.Told);
    }

    [Theory]
    [InlineData("event")]
    [InlineData("status")]
    [InlineData("too large")]
    public async Task A_version_that_the_server_cannot_go_on_from_leads_to_a_new_list_that_is_told_as_a_difference(string shape)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("same", 1), Route("changed", 2), Route("gone", 3));
        await using var _ = followed;
        if (shape == "event")
        {
            await watch.LineAsync(ErrorEvent(410, "Expired"));
        }
        else
        {
            watch.Close();
            await followed.Time.SkipAsync(1, 1.5);
            var next = await server.NextAsync();
            await (shape == "status"
                ? next.AnswerAsync(410, Status(410, "Expired"))
                : next.AnswerAsync(504, Status(504, "Timeout", "Too large resource version", """{"causes":[{"reason":"ResourceVersionTooLarge"}]}""")));
        }

        // Nothing older than what was told already; from a server that went back in time, what is true now.
        await followed.Time.SkipAsync(0, 0.9999);
        var list = await server.NextAsync();
        Assert.Equal(shape == "too large" ? "?limit=500" : "?resourceVersion=10&resourceVersionMatch=NotOlderThan", list.Query);
        Assert.False(followed.HasUpdate);
        await list.AnswerAsync(200, List(5, Route("same", 1), Route("changed", 4), Route("new", 5)));

        var update = await followed.NextAsync();
        Assert.Equal("changed=4 new=5 same=1", followed.Told);

        // A server that was restored from a backup counts anew, and the same number may stand for something else.
        Assert.Equal(
            shape == "too large" ? ["changed", "new", "same"] : ["changed", "new"], update.Upserts.Select(resource => resource.Metadata.Name).Order());
        Assert.Equal("gone", Assert.Single(update.Deletes).Name);
        Assert.Contains("resourceVersion=5", (await server.NextAsync()).Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_always_says_410_is_asked_less_and_less_often()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);
        await (await server.NextAsync()).AnswerAsync(200, List(11, Route("a", 1)));
        foreach (var wait in new[] { 1, 2 })
        {
            await (await server.NextAsync()).AnswerAsync(410, Status(410, "Gone"));
            await followed.Time.SkipAsync(wait, wait * 1.5);
            await (await server.NextAsync()).AnswerAsync(200, List(11, Route("a", 1)));
        }

        Assert.False(followed.HasUpdate);
    }

    [Fact]
    public async Task A_list_that_cannot_be_had_as_new_as_what_was_told_is_read_as_it_is_now()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        await watch.LineAsync(Event("ADDED", Route("b", 12)));
        await followed.NextAsync();
        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);
        var list = await server.NextAsync();
        Assert.Equal("?resourceVersion=12&resourceVersionMatch=NotOlderThan", list.Query);
        await list.AnswerAsync(504, Status(504, "Timeout", "Too large resource version"));
        await followed.Time.SkipAsync(1, 1.5);

        var again = await server.NextAsync();
        Assert.Equal("?limit=500", again.Query);
        await again.AnswerAsync(200, List(4, Route("a", 1)));
        await followed.NextAsync();
        Assert.Equal("a=1", followed.Told);
    }

    [Fact]
    public async Task No_more_than_eight_lists_are_read_at_once()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        var lists = new List<ScriptedCall> { await server.NextAsync() };
        using var stop = new CancellationTokenSource();
        var others = Enumerable.Range(0, 12)
            .Select(i => followed.Factory.Create(Followed.Routes with { Namespace = $"ns-{i}" }).RunAsync(static _ => { }, stop.Token))
            .ToArray();
        while (lists.Count < 8)
        {
            lists.Add(await server.NextAsync());
        }

        // Each that ends makes room for one, beside the watch that it leads to.
        Assert.False(server.HasCall);
        await lists[0].AnswerAsync(200, List(10));
        ScriptedCall[] next = [await server.NextAsync(), await server.NextAsync()];
        Assert.Equal([false, true], next.Select(call => call.IsWatch).Order());
        Assert.False(server.HasCall);
        await stop.CancelAsync();
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task A_line_that_is_no_event_leads_to_a_new_list()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;

        await watch.WriteAsync($"{Event("ADDED", Route("b", 11))}\n{{\"type\":\"ADDED\",\"obj\n{Event("ADDED", Route("d", 13))}\n");
        await followed.NextAsync();
        Assert.Equal("a=1 b=11", followed.Told);

        await watch.GoneAsync();
        await followed.Time.SkipAsync(1, 1.5);
        await (await server.NextAsync()).AnswerAsync(200, List(13, Route("a", 1), Route("b", 11), Route("c", 12), Route("d", 13)));
        var update = await followed.NextAsync();
        Assert.Equal("a=1 b=11 c=12 d=13", followed.Told);
        Assert.Equal(2, update.Upserts.Length);
        Assert.Contains(followed.Log.GetSnapshot(), record => record.Id.Name == "Garbled");
    }

    [Fact]
    public async Task A_line_that_is_no_event_costs_no_more_time_for_the_faults_that_are_over()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        foreach (var wait in new[] { 1, 2, 4, 8 })
        {
            await (await server.NextAsync()).AnswerAsync(500, "");
            await followed.Time.SkipAsync(wait, wait * 1.5);
        }

        await (await server.NextAsync()).AnswerAsync(200, List(10));
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.WriteAsync($"{Event("ADDED", Route("a", 11))}\nnonsense\n");

        await watch.GoneAsync();
        await followed.Time.SkipAsync(1, 1.5);
        Assert.False((await server.NextAsync()).IsWatch);
    }

    [Fact]
    public async Task Stopping_ends_the_watch_and_returns()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;

        await followed.StopAsync();

        await watch.GoneAsync();
    }

    [Fact]
    public async Task Word_from_the_server_is_remembered()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        Assert.Equal(0, followed.Reflector.LastContact);
        await (await server.NextAsync()).AnswerAsync(200, List(10));
        await followed.NextAsync();
        var watch = await server.NextAsync();
        followed.Time.Advance(TimeSpan.FromSeconds(20));
        await watch.OpenAsync();
        await watch.LineAsync(Event("ADDED", Route("a", 11)));

        await followed.NextAsync();

        Assert.Equal(TimeSpan.Zero, followed.Time.GetElapsedTime(followed.Reflector.LastContact));
    }
}
