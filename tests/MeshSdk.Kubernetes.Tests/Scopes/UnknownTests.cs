using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

public sealed class UnknownTests
{
    [Fact]
    public void The_beginning_is_complete_when_every_kind_is_known_or_refused()
    {
        var mesh = new Following(arrange: static cluster =>
        {
            cluster.Hold("HTTPRoute");
            cluster.Forbid(static target => target.Kind.Kind == "DestinationRule" && target.Namespace == "istio-system");
        });
        Assert.False(mesh.Synced);

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.True(mesh.Synced);
        var scope = Assert.Single(mesh.Unknown);
        Assert.Equal(("DestinationRule", "istio-system", null), (scope.Kind, scope.Namespace, scope.Name));
        Assert.Equal("no permission to list destinationrules.networking.istio.io", scope.Reason);
    }

    [Fact]
    public void A_server_that_cannot_be_reached_is_no_complete_beginning()
    {
        var mesh = new Following(arrange: static cluster => cluster.Hold(static _ => true));
        mesh.Advance(TimeSpan.FromMinutes(5));
        Assert.False(mesh.Synced);
    }

    [Fact]
    public void A_kind_that_is_not_installed_is_an_empty_set()
    {
        var mesh = new Following(arrange: static cluster => cluster.Uninstall("DestinationRule"));
        Assert.True(mesh.Synced);
        Assert.Empty(mesh.Unknown);
        Assert.Empty(mesh.Problems);
        Assert.Contains(mesh.Health, static health => health is { Kind: "DestinationRule", State: WatchState.NotInstalled });
    }

    [Fact]
    public void What_was_known_once_and_is_refused_now_stays_and_is_told_as_a_problem()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Rule("backend")));
        mesh.Cluster.Forbid(static target => target.Kind.Kind == "DestinationRule");
        mesh.Run();

        Assert.Empty(mesh.Unknown);
        Assert.Contains("DestinationRule shop/rule-backend", mesh.InMesh);
        Assert.Equal(["Forbidden", "Forbidden"], mesh.Problems.Select(static problem => problem.Code));
        Assert.Contains("destinationrules.networking.istio.io in namespace shop", mesh.Problems.Select(static problem => problem.Subject));

        mesh.Cluster.Forbid(static _ => false);
        mesh.Run();
        Assert.Empty(mesh.Problems);
    }

    [Fact]
    public void One_watch_asks_on_in_a_namespace_that_is_refused_and_the_others_share_its_answer()
    {
        var mesh = new Following(
            static options => options.Namespaces = ["secret"],
            static cluster => cluster.Forbid(static target => target.Namespace == "secret" && target.Kind.Group != "networking.istio.io"));
        foreach (var host in new[] { "a.secret", "b.secret", "c.secret" })
        {
            Assert.Equal(HostKnowledge.Pending, mesh.Demand(host));
            var answer = mesh.Follower.Demand(host);
            Assert.Equal(HostKnowledge.Unknown, answer.Knowledge);
            Assert.Contains("no permission to list services", answer.Reason, StringComparison.Ordinal);
        }

        Assert.Single(mesh.Cluster.Started, static target => target.Contains("secret (", StringComparison.Ordinal));
        Assert.Equal(3, mesh.Unknown.Count(static scope => scope is { Kind: "Service", Namespace: "secret" }));

        // Granted at last: all of them are read.
        mesh.Cluster.Put(Service("a", "secret"), Service("b", "secret"), Slice("b", "secret"));
        mesh.Cluster.Forbid(static _ => false);
        mesh.Cluster.Resume();
        mesh.Run();
        mesh.Run();
        Assert.Contains("Service secret/a", mesh.InMesh);
        Assert.Contains("Service secret/b", mesh.InMesh);
        Assert.Contains("EndpointSlice secret/b-1", mesh.InMesh);
        Assert.Equal(HostKnowledge.Absent, mesh.Follower.Demand("c.secret").Knowledge);
        Assert.Empty(mesh.Unknown);
    }

    [Fact]
    public void A_watch_that_asks_for_others_goes_on_when_its_own_service_is_let_go()
    {
        var mesh = new Following(
            static options => options.Namespaces = ["secret"],
            static cluster => cluster.Forbid(static target => target.Namespace == "secret" && target.Kind.Group != "networking.istio.io"));
        var idle = mesh.Cluster.Running;
        mesh.Demand("a.secret");
        mesh.Demand("b.secret");
        mesh.Demand("c.secret");
        var started = mesh.Cluster.Started.Count;
        mesh.Advance(TimeSpan.FromMinutes(9));
        mesh.Follower.Used([new ServiceId("secret", "c")]);
        mesh.Advance(TimeSpan.FromMinutes(3));

        // Those that were let go one after the other have made nobody ask, and who asks anew shares the answer too.
        Assert.Single(mesh.Follower.Sets.All, static set => set is { Kind: "Service" });
        mesh.Demand("a.secret");
        Assert.Equal(started, mesh.Cluster.Started.Count);
        Assert.Contains(mesh.Cluster.Running, static target => target.EndsWith("(metadata.name=a)", StringComparison.Ordinal));

        mesh.Cluster.Put(Service("c", "secret"));
        mesh.Cluster.Forbid(static _ => false);
        mesh.Run();
        mesh.Run();
        Assert.Contains("Service secret/c", mesh.InMesh);

        mesh.Advance(TimeSpan.FromMinutes(13));
        Assert.Equal(idle, mesh.Cluster.Running);
    }

    [Fact]
    public void A_watch_that_asks_for_others_ends_with_the_last_of_them()
    {
        var mesh = new Following(
            static options => options.Namespaces = ["secret"],
            static cluster => cluster.Forbid(static target => target.Namespace == "secret" && target.Kind.Group != "networking.istio.io"));
        var idle = mesh.Cluster.Running;
        mesh.Demand("a.secret");
        mesh.Demand("b.secret");
        mesh.Advance(TimeSpan.FromMinutes(12));
        Assert.Equal(idle, mesh.Cluster.Running);
    }

    [Fact]
    public void A_set_that_cannot_be_followed_for_long_is_a_problem_and_its_objects_stay()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Rule("backend")));
        mesh.Cluster.Tell("DestinationRule", new WatchUpdate { Condition = new(WatchState.Stale, IsKnown: true, "connection refused") });
        mesh.Run();
        Assert.Empty(mesh.Problems);

        mesh.Advance(TimeSpan.FromSeconds(41));
        Assert.Contains("DestinationRule shop/rule-backend", mesh.InMesh);
        Assert.Empty(mesh.Unknown);
        Assert.Equal(2, mesh.Problems.Length);
        Assert.All(mesh.Problems, static problem => Assert.Equal((DiagnosticSeverity.Warning, "Stale"), (problem.Severity, problem.Code)));
        Assert.Contains(mesh.Problems, static problem => problem.Message.EndsWith("the last known ones stay in force: connection refused", StringComparison.Ordinal));

        mesh.Cluster.Tell("DestinationRule", new WatchUpdate { Condition = new(WatchState.Live, IsKnown: true, "") });
        mesh.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(mesh.Problems);
    }

    [Fact]
    public void Silence_is_no_fault_while_the_watch_is_open()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Rule("backend")));
        mesh.Advance(TimeSpan.FromMinutes(6));
        Assert.Empty(mesh.Problems);
        Assert.All(mesh.Health, static health => Assert.Equal(WatchState.Live, health.State));
    }

    [Fact]
    public void Objects_that_cannot_be_read_are_told_as_long_as_they_cannot()
    {
        var mesh = new Following();
        var problem = new MeshDiagnostic(DiagnosticSeverity.Error, "InvalidField", "HTTPRoute shop/bad", "spec", "cannot be read");
        mesh.Cluster.Tell("HTTPRoute", new WatchUpdate { Problems = [problem] });
        mesh.Run();
        Assert.Equal([problem], mesh.Problems);

        mesh.Cluster.Tell("HTTPRoute", new WatchUpdate { Problems = [] });
        mesh.Run();
        Assert.Empty(mesh.Problems);
    }

    [Fact]
    public void Nothing_that_depends_on_no_change_is_said_twice()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Slice("backend")));
        mesh.Demand("backend");
        var events = mesh.Events.Count;
        for (var i = 0; i < 6; i++)
        {
            mesh.Advance(TimeSpan.FromSeconds(20));
            mesh.Cluster.Bookmark();
            mesh.Follower.Demand("backend");
        }

        Assert.Equal(events, mesh.Events.Count);
    }

    [Fact]
    public void Health_has_one_line_for_all_services_of_a_namespace_and_the_worst_of_them_counts()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("a"), Service("b")));
        mesh.Demand("a");
        mesh.Demand("b");
        Assert.Equal(
            [
                "BackendTLSPolicy shop Live", "ConfigMap istio-system Live", "DestinationRule istio-system Live", "DestinationRule shop Live", "EndpointSlice shop Live", "GRPCRoute shop Live",
                "HTTPRoute shop Live", "Namespace all namespaces Live", "PeerAuthentication istio-system Live", "PeerAuthentication shop Live", "Service shop Live", "XBackendTrafficPolicy shop Live",
            ],
            mesh.Health.Select(static health => $"{health.Kind} {health.Scope} {health.State}"));

        mesh.Cluster.Hold("Service", "c");
        mesh.Demand("c");
        Assert.Contains(mesh.Health, static health => health is { Kind: "Service", State: WatchState.Live });
        mesh.Advance(TimeSpan.FromSeconds(2.2));
        Assert.Contains(mesh.Health, static health => health is { Kind: "Service", State: WatchState.Pending, Age: null, Detail.Length: > 0 });

        mesh.Cluster.Tell("HTTPRoute", new WatchUpdate { Condition = new(WatchState.Stale, IsKnown: true, "connection refused") });
        mesh.Advance(TimeSpan.FromSeconds(60));
        var routes = Assert.Single(mesh.Health, static health => health.Kind == "HTTPRoute");
        Assert.Equal(WatchState.Stale, routes.State);
        Assert.InRange(routes.Age!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(63));
    }
}
