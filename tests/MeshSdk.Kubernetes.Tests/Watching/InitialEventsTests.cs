using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class InitialEventsTests
{
    [Fact]
    public async Task One_watch_brings_the_set_and_what_changes_in_it()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        var watch = await server.NextAsync();
        Assert.Contains("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", watch.Query, StringComparison.Ordinal);
        Assert.DoesNotContain("resourceVersion=", watch.Query, StringComparison.Ordinal);
        await watch.OpenAsync();
        await watch.LineAsync(Event("ADDED", Route("a", 1)));
        await watch.LineAsync(Event("ADDED", Route("b", 2)));
        await watch.LineAsync(Event("MODIFIED", Route("a", 3)));
        await watch.LineAsync(Event("DELETED", Route("b", 4)));
        await watch.LineAsync(Bookmark(5));
        await watch.LineAsync(InitialEnd(6));

        var update = await followed.NextAsync();
        Assert.Equal("a=3", followed.Told);
        Assert.Equal(new(WatchState.Live, IsKnown: true, ""), update.Condition);

        await watch.LineAsync(Event("ADDED", Route("c", 7)));
        await followed.NextAsync();
        Assert.Equal("a=3 c=7", followed.Told);
        watch.Close();
        var next = await server.NextAsync();
        Assert.Contains("resourceVersion=7", next.Query, StringComparison.Ordinal);
        Assert.DoesNotContain("sendInitialEvents", next.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_set_that_is_read_again_is_told_as_a_difference()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.LineAsync(Event("ADDED", Route("a", 1)));
        await watch.LineAsync(Event("ADDED", Route("b", 2)));
        await watch.LineAsync(InitialEnd(3));
        await followed.NextAsync();
        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);

        var again = await server.NextAsync();
        await again.OpenAsync();
        await again.LineAsync(Event("ADDED", Route("a", 1)));
        await again.LineAsync(Event("ADDED", Route("c", 4)));
        Assert.False(followed.HasUpdate);
        await again.LineAsync(InitialEnd(5));

        var update = await followed.NextAsync();
        Assert.Equal("a=1 c=4", followed.Told);
        Assert.Equal("c", Assert.Single(update.Upserts).Metadata.Name);
        Assert.Equal("b", Assert.Single(update.Deletes).Name);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(422)]
    public async Task A_server_that_refuses_them_is_asked_for_lists_from_then_on(int status)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        await (await server.NextAsync()).AnswerAsync(status, Status(status, "Invalid"));
        var list = await server.NextAsync();
        Assert.False(list.IsWatch);
        await list.AnswerAsync(200, List(10, Route("a", 1)));
        await followed.NextAsync();
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);

        Assert.False((await server.NextAsync()).IsWatch);
    }

    [Fact]
    public async Task What_one_set_finds_out_spares_the_others_and_those_that_asked_meanwhile_take_no_harm()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        var first = await server.NextAsync();
        var told = new List<Kubernetes.Watching.WatchUpdate>();
        using var stop = new CancellationTokenSource();
        var other = followed.Factory.Create(Followed.Routes with { Namespace = "other" }).RunAsync(told.Add, stop.Token);
        var second = await server.NextAsync();

        await first.AnswerAsync(400, Status(400, "BadRequest"));
        Assert.False((await server.NextAsync()).IsWatch);
        await second.AnswerAsync(400, Status(400, "BadRequest"));
        Assert.Contains("/other/", (await server.NextAsync()).Path, StringComparison.Ordinal);
        Assert.Empty(told);

        using var third = new CancellationTokenSource();
        var later = followed.Factory.Create(Followed.Routes with { Namespace = "third" }).RunAsync(static _ => { }, third.Token);
        Assert.False((await server.NextAsync()).IsWatch);
        await stop.CancelAsync();
        await third.CancelAsync();
        await Task.WhenAll(other, later);
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("without end")]
    [InlineData("closed")]
    public async Task A_server_that_does_not_know_of_them_is_asked_for_lists_instead(string way)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        if (way == "without end")
        {
            await followed.Time.WaitBeginsAsync(3, 3);
            await watch.LineAsync(Event("ADDED", Route("a", 1)));
        }

        if (way == "closed")
        {
            watch.Close();
        }
        else
        {
            await followed.Time.SkipAsync(3, 3);
            await watch.GoneAsync();
        }

        var list = await server.NextAsync();
        Assert.False(list.IsWatch);
        Assert.False(followed.HasUpdate);
        await list.AnswerAsync(200, List(10, Route("a", 1)));
        await followed.NextAsync();
        Assert.Equal("a=1", followed.Told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_silence_is_no_habit_and_three_are_for_a_while(bool isAlwaysSilent)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        using var stop = new CancellationTokenSource();
        var others = new List<Task>();
        for (var i = 0; i < (isAlwaysSilent ? 3 : 1); i++)
        {
            if (i > 0)
            {
                Start($"silent-{i}");
            }

            var silent = await server.NextAsync();
            Assert.Contains("sendInitialEvents", silent.Query, StringComparison.Ordinal);
            await silent.OpenAsync();
            await followed.Time.SkipAsync(3, 3);
            await silent.GoneAsync();
            var list = await server.NextAsync();
            Assert.False(list.IsWatch);
            await list.AnswerAsync(200, List(10));
            Assert.Contains("resourceVersion=10", (await server.NextAsync()).Query, StringComparison.Ordinal);
        }

        Start("next");
        var next = await server.NextAsync();
        Assert.Equal(!isAlwaysSilent, next.IsWatch);
        if (isAlwaysSilent)
        {
            await next.AnswerAsync(200, List(10));
            Assert.True((await server.NextAsync()).IsWatch);
            followed.Time.Advance(TimeSpan.FromSeconds(250));
            followed.Time.Advance(TimeSpan.FromSeconds(350));
            Start("later");
            ScriptedCall call;
            do
            {
                // The watches from before go on as well.
                call = await server.NextAsync();
            }
            while (!call.Path.Contains("/later/", StringComparison.Ordinal));
            Assert.Contains("sendInitialEvents", call.Query, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await Task.WhenAll(others);

        void Start(string ns) => others.Add(followed.Factory.Create(Followed.Routes with { Namespace = ns }).RunAsync(static _ => { }, stop.Token));
    }

    [Fact]
    public async Task A_cut_in_the_middle_begins_again_and_is_no_reason_to_give_them_up()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.LineAsync(Event("ADDED", Route("a", 1)));
        await followed.Time.WaitBeginsAsync(3, 3);
        watch.Reset();
        await followed.Time.SkipAsync(1, 1.5);

        var again = await server.NextAsync();

        Assert.Contains("sendInitialEvents=true", again.Query, StringComparison.Ordinal);
    }
}
