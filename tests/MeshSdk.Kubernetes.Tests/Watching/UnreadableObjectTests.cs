using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Resources;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class UnreadableObjectTests
{
    private static readonly Kubernetes.Watching.WatchTarget Rules = Followed.Target("networking.istio.io", "DestinationRule", "destinationrules", "v1");

    [Fact]
    public async Task An_object_that_cannot_be_read_hides_no_other_and_is_named()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, _) = await Followed.StartLiveAsync(server, Route("a", 1), BadRoute("bad", 2), Route("c", 3));
        await using var __ = followed;

        Assert.Equal("a=1 c=3", followed.Told);
        var problem = Assert.Single(followed.Problems);
        Assert.Equal(
            (DiagnosticSeverity.Error, "InvalidField", "HTTPRoute ns/bad", "spec.rules"),
            (problem.Severity, problem.Code, problem.Subject, problem.Path));
        Assert.Equal((null, null, null), (problem.File, problem.Document, problem.Line));
    }

    [Fact]
    public async Task The_last_good_version_stays_until_there_is_another()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;

        await watch.LineAsync(Event("MODIFIED", BadRoute("a", 11)));
        await followed.NextAsync();
        Assert.Equal("a=1", followed.Told);
        Assert.Single(followed.Problems);

        // The same fault again is no news, in a watch or in a list.
        await watch.LineAsync(Event("MODIFIED", BadRoute("a", 12)));
        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);
        await (await server.NextAsync()).AnswerAsync(200, List(12, BadRoute("a", 12)));
        watch = await server.NextAsync();
        await watch.OpenAsync();
        Assert.False(followed.HasUpdate);

        await watch.LineAsync(Event("MODIFIED", Route("a", 13)));
        await followed.NextAsync();
        Assert.Equal("a=13", followed.Told);
        Assert.Empty(followed.Problems);
    }

    [Fact]
    public async Task A_problem_goes_with_its_object()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, BadRoute("a", 1), BadRoute("b", 2));
        await using var _ = followed;
        Assert.Equal(2, followed.Problems.Count);

        await watch.LineAsync(Event("DELETED", BadRoute("a", 11)));
        await followed.NextAsync();
        Assert.Equal("HTTPRoute ns/b", Assert.Single(followed.Problems).Subject);

        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);
        await (await server.NextAsync()).AnswerAsync(200, List(12));
        var update = await followed.NextAsync();
        Assert.Empty(followed.Problems);
        Assert.Empty(update.Deletes);
    }

    [Fact]
    public async Task What_is_missing_beside_an_object_without_a_name_is_not_taken_for_gone()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);

        await (await server.NextAsync()).AnswerAsync(200, List(12, """{"metadata":{"name":7,"resourceVersion":"2"}}""", Route("b", 3)));

        await followed.NextAsync();
        Assert.Equal("a=1 b=3", followed.Told);
        Assert.Equal("HTTPRoute", Assert.Single(followed.Problems).Subject);
    }

    [Theory]
    [InlineData("\"tls\":{\"mode\":7}", "svc")]
    [InlineData("\"tls\":[]", "svc")]
    [InlineData("\"tls\":{\"mode\":\"ISTIO_MUTUAL\"},\"loadBalancer\":{\"simple\":1}", "svc")]
    public async Task A_destination_rule_that_may_demand_TLS_fails_its_host_closed_until_it_can_be_read(string policy, string host)
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server, Rules);
        await (await server.NextAsync()).AnswerAsync(200, List(10, Rule(1, host, policy)));
        await followed.NextAsync();
        var rule = Assert.IsType<DestinationRule>(followed.Latest("r"));
        Assert.Equal(("ns", host), (rule.Metadata.Namespace, rule.Spec.Host));
        Assert.Contains(rule.Spec.TrafficPolicy!.Tls!.Mode, new[] { ClientTlsSettings.Unreadable, "ISTIO_MUTUAL" });
        Assert.Null(rule.Origin);
        Assert.NotEmpty(followed.Problems);

        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.LineAsync(Event("MODIFIED", Rule(11, host, "\"tls\":{\"mode\":\"SIMPLE\"}")));
        await followed.NextAsync();
        Assert.Equal("SIMPLE", ((DestinationRule)followed.Latest("r")).Spec.TrafficPolicy!.Tls!.Mode);
        Assert.Empty(followed.Problems);

        // From now on there is a good version, and it is what stays.
        await watch.LineAsync(Event("MODIFIED", Rule(12, host, policy)));
        var update = await followed.NextAsync();
        Assert.Empty(update.Upserts);
        Assert.NotEmpty(followed.Problems);
    }

    [Fact]
    public async Task A_stand_in_is_told_once_and_leaves_with_its_object()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server, Rules);
        await (await server.NextAsync()).AnswerAsync(200, List(10, Rule(1, "svc", "\"tls\":7")));
        await followed.NextAsync();
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.LineAsync(ErrorEvent(410, "Expired"));
        await followed.Time.SkipAsync(0, 0.9999);
        await (await server.NextAsync()).AnswerAsync(200, List(11, Rule(1, "svc", "\"tls\":7")));
        watch = await server.NextAsync();
        await watch.OpenAsync();
        Assert.False(followed.HasUpdate);

        await watch.LineAsync(Event("DELETED", Rule(12, "svc", "\"tls\":7")));

        Assert.Equal("r", Assert.Single((await followed.NextAsync()).Deletes).Name);
        Assert.Empty(followed.Problems);
        Assert.Equal(WatchState.Live, followed.Condition!.State);
    }

    private static string Rule(int version, string host, string policy) =>
        $$$"""{"metadata":{"name":"r","namespace":"ns","resourceVersion":"{{{version}}}"},"spec":{"host":"{{{host}}}","trafficPolicy":{{{{policy}}} } } }""";
}
