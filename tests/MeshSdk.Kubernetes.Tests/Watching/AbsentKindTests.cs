using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.Watching;

/// <summary>Whose word is taken for it that a kind is not there.</summary>
public sealed class AbsentKindTests
{
    private const string Gateway = "gateway.networking.k8s.io";
    private const string PlainNotFound = "404 page not found";

    [Theory]
    [InlineData("", "Service", "services")]
    [InlineData("discovery.k8s.io", "EndpointSlice", "endpointslices")]
    public async Task What_every_server_has_is_never_believed_to_be_absent(string group, string kind, string plural)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server, Followed.Target(group, kind, plural, "v1"));
        await (await server.NextAsync()).AnswerAsync(404, Status(404, "NotFound"));

        await followed.NextAsync();

        Assert.Equal((WatchState.Pending, false), (followed.Condition!.State, followed.Condition.IsKnown));
        Assert.Contains("every API server has", followed.Condition.Detail, StringComparison.Ordinal);
        await followed.Time.SkipAsync(1, 1.5);
        Assert.True((await server.NextAsync()).IsWatch);
    }

    [Theory]
    [InlineData("<html>default backend - 404</html>")]
    [InlineData("{\"error\":\"no such application\"}")]
    public async Task A_page_of_something_else_is_no_word_of_the_kind(string page)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        watch.Close();
        await followed.Time.SkipAsync(1, 1.5);
        for (var wait = 2; wait <= 16; wait *= 2)
        {
            await (await server.NextAsync()).AnswerAsync(404, page);
            await followed.Time.SkipAsync(wait, wait * 1.5);
        }

        await followed.NextAsync();
        Assert.Equal(("a=1", WatchState.Stale), (followed.Told, followed.Condition!.State));
        Assert.False(followed.HasUpdate);
    }

    [Theory]
    [InlineData(200, "{}")]
    [InlineData(200, "<html>welcome</html>")]
    [InlineData(200, "{\"kind\":\"APIGroupList\"}")]
    [InlineData(404, "<html>default backend - 404</html>")]
    [InlineData(500, "")]
    public async Task Absence_that_the_discovery_does_not_confirm_is_a_fault_and_looked_into_soon(int status, string answer)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        await (await server.NextAsync()).AnswerAsync(404, PlainNotFound);
        await (await server.NextAsync()).AnswerAsync(status, answer);

        await followed.NextAsync();

        Assert.Equal((WatchState.Pending, false), (followed.Condition!.State, followed.Condition.IsKnown));
        await followed.Time.SkipAsync(0.5, 0.75);
        Assert.True((await server.NextAsync()).IsWatch);
    }

    [Fact]
    public async Task A_group_without_the_kind_proves_that_it_is_absent()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        await (await server.NextAsync()).AnswerAsync(404, PlainNotFound);
        await (await server.NextAsync()).AnswerAsync(200, Groups(Group(Gateway, "v1", "v1alpha2")));
        foreach (var version in new[] { "v1", "v1alpha2" })
        {
            var resources = await server.NextAsync();
            Assert.Equal($"/apis/{Gateway}/{version}", resources.Path);
            await resources.AnswerAsync(200, ResourceList("grpcroutes", "tcproutes"));
        }

        await followed.NextAsync();
        Assert.Equal(WatchState.NotInstalled, followed.Condition!.State);
    }

    [Fact]
    public async Task A_kind_in_versions_that_are_not_known_here_is_unknown_and_named()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server, Followed.Target(Gateway, "HTTPRoute", "httproutes", "v1", "v1beta1"));
        await (await server.NextAsync()).AnswerAsync(200, Group(Gateway, "v2"));
        await (await server.NextAsync()).AnswerAsync(200, Groups(Group(Gateway, "v2")));
        await (await server.NextAsync()).AnswerAsync(200, ResourceList("httproutes"));

        await followed.NextAsync();

        Assert.Equal((WatchState.Pending, false), (followed.Condition!.State, followed.Condition.IsKnown));
        Assert.Contains("in version v2 alone", followed.Condition.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "{\"gitVersion\":\"v1.34.0\"}", true)]
    [InlineData(200, "{\"version\":\"7\"}", false)]
    [InlineData(404, PlainNotFound, false)]
    public async Task Without_discovery_the_server_has_to_show_that_it_is_one(int status, string version, bool isBelieved)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        await (await server.NextAsync()).AnswerAsync(404, PlainNotFound);
        await (await server.NextAsync()).AnswerAsync(404, PlainNotFound);
        var call = await server.NextAsync();
        Assert.Equal("/version", call.Path);
        await call.AnswerAsync(status, version);
        if (!isBelieved)
        {
            await followed.Time.SkipAsync(1, 1);
        }

        await followed.NextAsync();
        Assert.Equal(isBelieved ? WatchState.NotInstalled : WatchState.Pending, followed.Condition!.State);
    }

    [Fact]
    public async Task A_list_of_another_kind_shows_it_as_well_even_while_it_is_waited_for()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        for (var i = 0; i < 3; i++)
        {
            await (await server.NextAsync()).AnswerAsync(404, PlainNotFound);
        }

        await followed.Time.WaitBeginsAsync(1, 1);
        using var stop = new CancellationTokenSource();
        var services = followed.Factory.Create(Followed.Target("", "Service", "services", "v1")).RunAsync(static _ => { }, stop.Token);
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.LineAsync(InitialEnd(5));

        await followed.NextAsync();
        Assert.Equal(WatchState.NotInstalled, followed.Condition!.State);
        await stop.CancelAsync();
        await services;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_counts_for_nothing_where_the_discovery_lacks_the_kind(bool isAbsent)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(server);
        await (await server.NextAsync()).AnswerAsync(403, Status(403, "Forbidden"));
        await (await server.NextAsync()).AnswerAsync(isAbsent ? 200 : 403, isAbsent ? Groups() : Status(403, "Forbidden"));
        if (!isAbsent)
        {
            // A server that keeps its discovery to itself has not said that there is nothing.
            await (await server.NextAsync()).AnswerAsync(200, "{\"gitVersion\":\"v1.34.0\"}");
        }

        await followed.NextAsync();
        Assert.Equal(isAbsent ? WatchState.NotInstalled : WatchState.Forbidden, followed.Condition!.State);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"error\":\"login required\"}")]
    public async Task What_is_no_list_empties_no_set(string body)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);
        await (await server.NextAsync()).AnswerAsync(200, body);

        await followed.NextAsync();

        Assert.Equal(("a=1", WatchState.Stale), (followed.Told, followed.Condition!.State));
    }
}
