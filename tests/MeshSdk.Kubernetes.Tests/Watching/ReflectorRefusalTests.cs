using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class ReflectorRefusalTests
{
    [Fact]
    public async Task A_refusal_by_RBAC_names_the_rule_that_is_missing_and_is_tried_again_once_a_minute()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        await (await server.NextAsync()).AnswerAsync(403, Status(403, "Forbidden", "httproutes is forbidden: User x cannot list"));
        await AnswerDiscoveryAsync(server);

        var update = await followed.NextAsync();

        Assert.Equal((WatchState.Forbidden, false), (update.Condition!.State, update.Condition.IsKnown));
        Assert.Equal(0, followed.Reflector.LastContact);
        foreach (var part in new[]
        {
            "list httproutes of group gateway.networking.k8s.io in namespace ns",
            "{apiGroups: [\"gateway.networking.k8s.io\"], resources: [httproutes], verbs: [list, watch]}",
            "a Role in namespace ns",
            "httproutes is forbidden: User x cannot list",
        })
        {
            Assert.Contains(part, update.Condition.Detail, StringComparison.Ordinal);
        }

        await followed.Time.SkipAsync(60.001, 66);
        await (await server.NextAsync()).AnswerAsync(403, Status(403, "Forbidden", "httproutes is forbidden: User x cannot list"));
        await AnswerDiscoveryAsync(server);
        await followed.Time.SkipAsync(60.001, 66);
        await (await server.NextAsync()).AnswerAsync(200, List(10, Route("a", 1)));
        Assert.Equal(WatchState.Live, (await followed.NextAsync()).Condition!.State);
        Assert.Equal(1, followed.Log.GetSnapshot().Count(record => record.Level == LogLevel.Warning));
    }

    [Fact]
    public async Task A_set_that_was_known_before_it_was_forbidden_stays_known()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        var contact = followed.Reflector.LastContact;
        watch.Close();
        await followed.Time.SkipAsync(1, 1.5);
        await (await server.NextAsync()).AnswerAsync(403, Status(403, "Forbidden"));
        await AnswerDiscoveryAsync(server);

        await followed.NextAsync();

        // It ages: an answer that refuses the set is no word of it.
        Assert.Equal(contact, followed.Reflector.LastContact);
        Assert.Equal(("a=1", WatchState.Forbidden, true), (followed.Told, followed.Condition!.State, followed.Condition.IsKnown));
        Assert.Contains("to watch httproutes", followed.Condition.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(503, "7", 7)]
    [InlineData(503, "date", 40)]
    [InlineData(429, "999999", 600)]
    public async Task A_server_that_says_when_to_come_back_is_obeyed(int status, string retryAfter, double seconds)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        var value = retryAfter == "date" ? followed.Time.GetUtcNow().AddSeconds(40).ToString("R") : retryAfter;
        await (await server.NextAsync()).AnswerAsync(status, Status(status, "TooManyRequests"), ("Retry-After", value));

        await followed.Time.SkipAsync(seconds, seconds * 1.1);

        await (await server.NextAsync()).AnswerAsync(200, List(1));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("Fri, 01 Jan 1999 00:00:00 GMT")]
    public async Task A_server_that_says_to_come_back_at_once_is_asked_less_and_less_often_all_the_same(string retryAfter)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        foreach (var wait in new[] { 1, 2, 4 })
        {
            await (await server.NextAsync()).AnswerAsync(429, Status(429, "TooManyRequests"), ("Retry-After", retryAfter));
            await followed.Time.SkipAsync(wait, wait * 1.5);
        }

        await (await server.NextAsync()).AnswerAsync(200, List(1));
    }

    [Fact]
    public async Task A_delay_in_the_status_object_counts_as_well()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        await (await server.NextAsync()).AnswerAsync(429, Status(429, "TooManyRequests", details: """{"retryAfterSeconds":9}"""));

        await followed.Time.SkipAsync(9, 9.9);

        await (await server.NextAsync()).AnswerAsync(200, List(1));
    }

    [Fact]
    public async Task Faults_of_the_server_are_waited_out_longer_and_longer_and_told_once()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        foreach (var wait in new[] { 1, 2, 4, 8, 16, 20, 20 })
        {
            await (await server.NextAsync()).AnswerAsync(500, Status(500, "InternalError", "etcd is away"));
            await followed.Time.SkipAsync(wait, wait * 1.5);
        }

        await (await server.NextAsync()).AnswerAsync(200, List(10));

        Assert.Contains("etcd is away", (await followed.NextAsync()).Condition!.Detail, StringComparison.Ordinal);
        Assert.Equal(WatchState.Live, (await followed.NextAsync()).Condition!.State);
        Assert.Equal(["Unread", "Recovered"], followed.Log.GetSnapshot()
            .Where(record => record.Level >= LogLevel.Information && record.Id.Id > 10).Select(record => record.Id.Name));
    }

    [Fact]
    public async Task Success_starts_the_back_off_anew()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        await (await server.NextAsync()).AnswerAsync(500, "");
        await followed.Time.SkipAsync(1, 1.5);
        await (await server.NextAsync()).AnswerAsync(500, "");
        await followed.Time.SkipAsync(2, 3);
        await (await server.NextAsync()).AnswerAsync(200, List(10));
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.LineAsync(Event("ADDED", Route("a", 11)));
        watch.Close();

        await (await server.NextAsync()).AnswerAsync(500, "");

        await followed.Time.SkipAsync(1, 1.5);
    }

    [Fact]
    public async Task An_error_in_the_stream_that_is_no_410_goes_on_from_where_it_was()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server);
        await using var _ = followed;
        await watch.WriteAsync($"{Event("ADDED", Route("a", 11))}\n{ErrorEvent(500, "InternalError")}\n");

        await followed.NextAsync();
        Assert.Equal("a=11", followed.Told);
        Assert.Equal(WatchState.Stale, (await followed.NextAsync()).Condition!.State);

        await followed.Time.SkipAsync(1, 1.5);
        var next = await server.NextAsync();
        Assert.Contains("resourceVersion=11", next.Query, StringComparison.Ordinal);
        await next.OpenAsync();
        Assert.Equal(WatchState.Live, (await followed.NextAsync()).Condition!.State);
    }

    [Fact]
    public async Task Credentials_that_are_refused_even_after_they_were_renewed_are_named()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        await (await server.NextAsync()).AnswerAsync(401, Status(401, "Unauthorized", "Unauthorized"));
        await (await server.NextAsync()).AnswerAsync(401, Status(401, "Unauthorized", "Unauthorized"));

        var update = await followed.NextAsync();

        Assert.Equal(WatchState.Pending, update.Condition!.State);
        Assert.Contains("does not accept the credentials of context one of ", update.Condition.Detail, StringComparison.Ordinal);
    }

    /// <summary>The kind is there, so that the refusal counts.</summary>
    private static async Task AnswerDiscoveryAsync(ScriptedApiServer server)
    {
        await (await server.NextAsync()).AnswerAsync(200, Groups(Group("gateway.networking.k8s.io", "v1")));
        await (await server.NextAsync()).AnswerAsync(200, ResourceList("httproutes"));
    }
}
