using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Model;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

public sealed class DemandTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData("backend", HostKnowledge.Pending)]
    [InlineData("backend.shop", HostKnowledge.Pending)]
    [InlineData("backend.other", HostKnowledge.Pending)]
    [InlineData("backend.shop.svc", HostKnowledge.Pending)]
    [InlineData("backend.other.svc.cluster.local", HostKnowledge.Pending)]
    [InlineData("backend.elsewhere", HostKnowledge.Foreign)]
    [InlineData("github.com", HostKnowledge.Foreign)]
    [InlineData("api.github.com", HostKnowledge.Foreign)]
    [InlineData("localhost", HostKnowledge.Foreign)]
    [InlineData("10.1.2.3", HostKnowledge.Foreign)]
    [InlineData("::1", HostKnowledge.Foreign)]
    [InlineData("back_end", HostKnowledge.Foreign)]
    [InlineData("backend.elsewhere.svc", HostKnowledge.Absent)]
    [InlineData("backend.elsewhere.svc.cluster.local", HostKnowledge.Absent)]
    public void The_shape_of_a_name_and_the_served_namespaces_say_whether_it_is_looked_for(string host, object expected)
    {
        var mesh = new Following(static options => options.Namespaces = ["other"]);
        var before = mesh.Cluster.Started.Count;

        Assert.Equal(expected, mesh.Demand(host));
        Assert.Equal((HostKnowledge)expected == HostKnowledge.Pending, mesh.Cluster.Started.Count > before);
    }

    [Fact]
    public void The_first_call_brings_the_service_and_all_that_its_routes_lead_to()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(
            Route("root", "backend", ["v1", "v2"]), Route("deeper", "v2", ["v3"]), Route("not-ours", "stranger", ["v4"]),
            Service("backend"), Service("v1"), Service("v2"), Service("v3"), Service("v4"), Service("stranger"),
            Slice("backend"), Slice("v1"), Slice("v2"), Slice("v3"), Slice("v4"), Rule("v1")));
        Assert.True(mesh.Synced);
        Assert.DoesNotContain(mesh.InMesh, static key => key.StartsWith("Service", StringComparison.Ordinal));

        var demand = mesh.Follower.Demand("backend.shop.svc.cluster.local");
        Assert.Equal(HostKnowledge.Pending, demand.Knowledge);
        mesh.Run();

        Assert.True(demand.Known.IsCompletedSuccessfully);
        Assert.Equal(
            ["Service shop/backend", "Service shop/v1", "Service shop/v2", "Service shop/v3"],
            mesh.InMesh.Where(static key => key.StartsWith("Service", StringComparison.Ordinal)));
        Assert.Equal(4, mesh.InMesh.Count(static key => key.StartsWith("EndpointSlice", StringComparison.Ordinal)));

        // Its frontends answer for it now; a host without one has a port that the service has not.
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("backend"));
        Assert.Equal(9 + (2 * 4), mesh.Cluster.Running.Count - 1);
    }

    [Fact]
    public void An_answer_waits_until_the_service_is_in_force_and_not_only_delivered()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Slice("backend"))) { Confirms = false };
        var demand = mesh.Follower.Demand("backend");
        mesh.Run();
        Assert.Contains("Service shop/backend", mesh.InMesh);
        Assert.False(demand.Known.IsCompleted);
        Assert.Equal(HostKnowledge.Pending, mesh.Demand("backend"));

        mesh.Confirm();
        Assert.True(demand.Known.IsCompletedSuccessfully);
    }

    [Fact]
    public void An_answer_is_given_in_time_though_the_mesh_does_not_get_it_into_force()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Slice("backend"))) { Confirms = false };
        var demand = mesh.Follower.Demand("backend");
        mesh.Run();
        mesh.Advance(TimeSpan.FromSeconds(3));

        Assert.True(demand.Known.IsCompletedSuccessfully);
        Assert.Equal("Service shop/backend has been read, and is not in force yet.", mesh.Follower.Demand("backend").Reason);
        mesh.Confirm();
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("backend"));
    }

    [Fact]
    public void A_name_that_no_service_has_is_absent_for_seconds_and_is_not_watched_meanwhile()
    {
        var mesh = new Following();
        var idle = mesh.Cluster.Running;
        var demand = mesh.Follower.Demand("nobody");
        mesh.Run();

        Assert.True(demand.Known.IsCompletedSuccessfully);
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody"));
        Assert.Equal(idle, mesh.Cluster.Running);

        var started = mesh.Cluster.Started.Count;
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody.shop"));
        Assert.Equal(started, mesh.Cluster.Started.Count);

        // Made a moment ago, and found soon.
        mesh.Cluster.Put(Service("nobody"), Slice("nobody"));
        mesh.Advance(HostAnswers.ShortestMemory * 1.3);
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody"));
        Assert.Contains("Service shop/nobody", mesh.InMesh);
        Assert.Contains("EndpointSlice shop/nobody-1", mesh.InMesh);
    }

    [Fact]
    public void A_name_that_is_called_all_the_time_is_asked_for_in_the_background_and_ever_less_often()
    {
        var mesh = new Following();
        var started = mesh.Cluster.Started.Count;
        Assert.Equal(HostKnowledge.Pending, mesh.Demand("nobody"));
        for (var i = 0; i < 600; i++)
        {
            mesh.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody"));
        }

        // 5 + 10 + 20 + 40 s, and then one a minute, give or take a quarter.
        Assert.InRange(mesh.Cluster.Started.Count - started, 10, 20);
        Assert.All(mesh.Cluster.Started[started..], static target => Assert.StartsWith("services in", target, StringComparison.Ordinal));

        // Who asks after a long time does not hear what was so then.
        mesh.Advance(HostAnswers.LongestMemory * 2.5);
        Assert.Equal(HostKnowledge.Pending, mesh.Demand("nobody"));
    }

    [Fact]
    public void Names_without_an_answer_take_no_room_from_services_and_are_bounded_themselves()
    {
        var mesh = new Following(static options => options.MaxServices = 20, static cluster => cluster.Put(Service("a"), Slice("a")));
        mesh.Cluster.Hold(static target => target.FieldSelector?.Contains("nobody", StringComparison.Ordinal) ?? false);
        for (var i = 0; i < 20; i++)
        {
            if (i == 10)
            {
                mesh.Demand("a");
                Assert.Contains("Service shop/a", mesh.InMesh);
            }

            Assert.Equal(HostKnowledge.Pending, mesh.Demand($"nobody-{i}"));
        }

        mesh.Demand("nobody-more");
        var answer = mesh.Follower.Demand("nobody-more");
        Assert.Equal(HostKnowledge.Unknown, answer.Knowledge);
        Assert.Equal("Service shop/nobody-more is not looked for: of 20 other names it is not known yet whether there are such services.", answer.Reason);

        mesh.Cluster.Resume();
        mesh.Run();
        mesh.Advance(HostAnswers.ShortestMemory * 1.3);
        Assert.Equal(HostKnowledge.Pending, mesh.Demand("nobody-more"));
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody-more"));
    }

    [Fact]
    public void Names_that_nobody_has_are_remembered_up_to_a_number_and_longer_when_they_are_many()
    {
        var mesh = new Following();
        for (var i = 0; i < HostAnswers.Capacity; i++)
        {
            Assert.Equal(HostKnowledge.Pending, mesh.Demand($"nobody-{i}"));
        }

        mesh.Advance(HostAnswers.ShortestMemory * 2.5);
        Assert.Equal(HostKnowledge.Absent, mesh.Demand($"nobody-{HostAnswers.Capacity - 1}"));

        // The oldest have ended; and of one more than the cache holds the oldest is dropped.
        for (var i = 0; i <= HostAnswers.Capacity; i++)
        {
            mesh.Demand($"more-{i}");
        }

        Assert.Equal(HostKnowledge.Pending, mesh.Demand("more-0"));
        Assert.Equal(HostKnowledge.Absent, mesh.Demand($"more-{HostAnswers.Capacity}"));
    }

    [Fact]
    public void What_is_not_read_in_time_is_unknown_with_what_is_missing_and_comes_into_force_when_it_is_there()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Slice("backend")));
        mesh.Cluster.Hold("Service", "backend");
        var demand = mesh.Follower.Demand("backend");
        mesh.Run();
        mesh.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(demand.Known.IsCompleted);

        mesh.Advance(Moment);
        Assert.True(demand.Known.IsCompletedSuccessfully);
        var answer = mesh.Follower.Demand("backend");
        Assert.Equal(HostKnowledge.Unknown, answer.Knowledge);
        Assert.Equal("Service shop/backend: services in namespace shop (metadata.name=backend) could not be read since 12:00:00 UTC.", answer.Reason);

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Contains("Service shop/backend", mesh.InMesh);
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("backend"));
    }

    [Fact]
    public void A_service_whose_endpoints_are_not_read_in_time_comes_with_them_told_as_unknown()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Slice("backend")));
        mesh.Cluster.Hold("EndpointSlice");
        mesh.Demand("backend");
        mesh.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(mesh.InMesh);
        Assert.Empty(mesh.Unknown);

        mesh.Advance(Moment);
        Assert.Equal(["Service shop/backend"], mesh.InMesh);
        var scope = Assert.Single(mesh.Unknown);
        Assert.Equal(("EndpointSlice", "shop", "backend"), (scope.Kind, scope.Namespace, scope.Name));

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Empty(mesh.Unknown);
        Assert.Contains("EndpointSlice shop/backend-1", mesh.InMesh);
    }

    [Fact]
    public void The_first_call_brings_what_GRPCRoutes_lead_and_mirror_to()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(
            GrpcRoute("root", "backend", ["v1"], mirror: "shadow"), Service("backend"), Service("v1"), Service("shadow"), Service("stranger")));
        mesh.Demand("backend");
        Assert.Equal(
            ["Service shop/backend", "Service shop/shadow", "Service shop/v1"],
            mesh.InMesh.Where(static key => key.StartsWith("Service", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_more_services_are_followed_than_may_be()
    {
        var mesh = new Following(static options => options.MaxServices = 2, static cluster => cluster.Put(Service("a"), Service("b"), Service("c")));
        mesh.Demand("a");
        mesh.Demand("b");
        mesh.Demand("c");

        var answer = mesh.Follower.Demand("c");
        Assert.Equal(HostKnowledge.Unknown, answer.Knowledge);
        Assert.Equal("Service shop/c is not followed: 2 services are followed already, and no more may be (Mesh:Kubernetes:MaxServices).", answer.Reason);
        Assert.Equal(9 + 1 + 4, mesh.Cluster.Running.Count);

        // What no route leads to a service for is told to the mesh as well.
        mesh.Cluster.Put(Route("root", "a", ["c"]));
        mesh.Run();
        Assert.Equal(("Service", "c"), (Assert.Single(mesh.Unknown).Kind, mesh.Unknown[0].Name));
    }

    [Fact]
    public void A_backend_in_a_namespace_that_is_not_served_is_unknown_and_names_the_option()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Route("root", "backend", ["other/v1"])));
        mesh.Demand("backend");

        var scope = Assert.Single(mesh.Unknown);
        Assert.Equal(("Service", "other", "v1"), (scope.Kind, scope.Namespace, scope.Name));
        Assert.Contains("Mesh:Kubernetes:Namespaces", scope.Reason, StringComparison.Ordinal);
        Assert.Contains("Service shop/backend", mesh.InMesh);
    }

    [Fact]
    public void An_alias_passes_through()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("outside", type: "ExternalName")));
        Assert.Equal(HostKnowledge.Pending, mesh.Demand("outside"));
        Assert.Equal(HostKnowledge.Foreign, mesh.Demand("outside"));
    }

    [Fact]
    public void A_server_that_is_away_does_not_make_a_name_unknown_that_was_absent_a_moment_ago()
    {
        var mesh = new Following();
        mesh.Demand("nobody");
        mesh.Advance(HostAnswers.ShortestMemory * 2);
        mesh.Cluster.Hold("Service");
        var demand = mesh.Follower.Demand("nobody");
        mesh.Run();
        Assert.False(demand.Known.IsCompleted);

        mesh.Advance(TimeSpan.FromSeconds(2.1));
        Assert.True(demand.Known.IsCompletedSuccessfully);
        Assert.Equal(HostKnowledge.Absent, mesh.Follower.Demand("nobody").Knowledge);
    }

    [Fact]
    public void Names_outside_the_cluster_and_answers_that_are_known_cost_no_allocation()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend")));
        mesh.Demand("backend");
        mesh.Demand("nobody");
        string[] hosts = ["api.github.com", "github.com", "localhost", "10.0.0.1", "backend", "backend.shop.svc.cluster.local", "nobody.shop"];
        Array.ForEach(hosts, host => mesh.Follower.Demand(host));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            foreach (var host in hosts)
            {
                mesh.Follower.Demand(host);
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Many_threads_that_ask_for_one_host_start_one_look_and_are_all_let_go()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend")));
        var started = mesh.Cluster.Started.Count;
        var demands = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => mesh.Follower.Demand("backend.shop"))));
        Assert.All(demands, static demand => Assert.Equal(HostKnowledge.Pending, demand.Knowledge));
        mesh.Run();

        Assert.All(demands, static demand => Assert.True(demand.Known.IsCompletedSuccessfully));
        Assert.Equal(started + 2, mesh.Cluster.Started.Count);
    }
}
