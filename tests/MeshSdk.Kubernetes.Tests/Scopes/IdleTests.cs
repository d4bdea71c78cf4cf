using MeshSdk.Model;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

public sealed class IdleTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    [Fact]
    public void A_service_that_nobody_calls_any_more_goes_with_all_that_it_leads_to_in_one_change()
    {
        var mesh = Serving();
        var before = mesh.Cluster.Running.Count;
        mesh.Advance(Idle * 1.2);

        Assert.Equal(["HTTPRoute shop/root"], mesh.InMesh);
        Assert.Equal(before - 4, mesh.Cluster.Running.Count);
        var change = Assert.Single(mesh.Events, static change => !change.Deletes.IsEmpty);
        Assert.Equal(4, change.Deletes.Length);

        // The next call finds it again.
        Assert.Equal(HostKnowledge.Pending, mesh.Demand("backend"));
        Assert.Contains("Service shop/v1", mesh.InMesh);
    }

    [Fact]
    public void A_service_that_is_called_stays()
    {
        var mesh = Serving();
        for (var i = 0; i < 10; i++)
        {
            mesh.Advance(Idle / 3);
            mesh.Follower.Used([new ServiceId("shop", "backend"), new ServiceId("shop", "stranger")]);
        }

        Assert.Contains("Service shop/backend", mesh.InMesh);
        Assert.Contains("Service shop/v1", mesh.InMesh);
    }

    [Fact]
    public void A_service_that_came_through_a_route_stays_when_it_is_called_itself()
    {
        var mesh = Serving();
        for (var i = 0; i < 4; i++)
        {
            mesh.Advance(Idle / 3);
            mesh.Follower.Used([new ServiceId("shop", "v1")]);
        }

        Assert.DoesNotContain("Service shop/backend", mesh.InMesh);
        Assert.Contains("Service shop/v1", mesh.InMesh);
    }

    [Fact]
    public void What_no_route_leads_to_any_more_goes_after_the_route_has_changed()
    {
        var mesh = Serving();
        mesh.Cluster.Put(Service("v2"), Slice("v2"), Route("root", "backend", ["v2"], version: 2));
        mesh.Run();
        Assert.Contains("Service shop/v1", mesh.InMesh);
        mesh.Advance(Idle / 4);
        Assert.DoesNotContain("Service shop/v1", mesh.InMesh);
        Assert.Contains("Service shop/v2", mesh.InMesh);
    }

    [Fact]
    public void A_call_that_finds_the_service_gone_asks_anew_and_is_never_told_that_it_is_there()
    {
        var mesh = Serving();
        Assert.Equal(HostKnowledge.Absent, mesh.Follower.Demand("backend").Knowledge);
        mesh.Advance(Idle * 1.2);
        var demand = mesh.Follower.Demand("backend");
        Assert.Equal(HostKnowledge.Pending, demand.Knowledge);
        mesh.Run();
        Assert.True(demand.Known.IsCompletedSuccessfully);
    }

    [Fact]
    public void Room_that_has_become_free_is_used_by_what_there_was_none_for()
    {
        var mesh = new Following(static options => options.MaxServices = 2, static cluster => cluster.Put(
            Service("idle"), Service("backend"), Service("v1"), Route("root", "backend", ["v1"])));
        mesh.Demand("idle");
        mesh.Demand("backend");
        Assert.DoesNotContain("Service shop/v1", mesh.InMesh);
        for (var i = 0; i < 4; i++)
        {
            mesh.Advance(Idle / 3);
            mesh.Follower.Used([new ServiceId("shop", "backend")]);
        }

        Assert.Contains("Service shop/v1", mesh.InMesh);
        Assert.Empty(mesh.Unknown);
    }

    private static Following Serving()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(
            Service("backend"), Slice("backend"), Service("v1"), Slice("v1"), Route("root", "backend", ["v1"])));
        mesh.Demand("backend");
        Assert.Equal(5, mesh.InMesh.Length);
        return mesh;
    }
}
