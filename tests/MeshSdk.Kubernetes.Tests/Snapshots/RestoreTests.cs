using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Snapshots;
using MeshSdk.Kubernetes.Tests.Scopes;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Snapshots;

/// <summary>A mesh that starts while the API server is away.</summary>
public sealed class RestoreTests
{
    [Fact]
    public void A_snapshot_is_the_whole_mesh_until_the_server_says_otherwise()
    {
        var mesh = Restored(out var before);
        Assert.True(mesh.Synced);
        Assert.Equal(before.InMesh, mesh.InMesh);
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("backend"));
        Assert.Equal("ServedFromSnapshot", Assert.Single(mesh.Problems).Code);
        Assert.Empty(mesh.Unknown);
        Assert.All(mesh.Health, static health => Assert.Equal((WatchState.Stale, true), (health.State, health.Age is not null)));
        Assert.StartsWith("Taken from a snapshot of 2026-01-01", mesh.Health[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Live_data_takes_the_place_of_the_snapshot_kind_by_kind_and_nothing_is_missing_in_between()
    {
        var mesh = Restored(out _);
        mesh.Invariant = () =>
        {
            Assert.Contains("Service shop/backend", mesh.InMesh);
            Assert.Contains(mesh.InMesh, static key => key.StartsWith("EndpointSlice shop/backend", StringComparison.Ordinal));
            Assert.Contains("HTTPRoute shop/root", mesh.InMesh);
        };
        mesh.Cluster.Put(
            Service("backend", version: 2), Slice("backend", version: 2), Service("v1"), Slice("v1"), Route("root", "backend", ["v1"], version: 2), Rule("v1"));
        mesh.Cluster.Hold(static target => target.Kind.Kind == "EndpointSlice");
        mesh.Cluster.Resume();
        mesh.Run();
        mesh.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(mesh.Problems);
        Assert.Equal(
            [
                "DestinationRule shop/rule-v1", "EndpointSlice shop/backend-1", "EndpointSlice shop/v1-1", "HTTPRoute shop/root", "Service shop/backend",
                "Service shop/v1",
            ],
            mesh.InMesh);
        Assert.Equal("2", mesh.Mesh["Service shop/backend"].Metadata.ResourceVersion);
        Assert.All(mesh.Health, static health => Assert.Equal(WatchState.Live, health.State));
    }

    [Fact]
    public void What_the_server_has_said_before_the_snapshot_was_needed_is_not_taken_from_it()
    {
        var before = Serving();
        var content = before.Follower.Capture("server-a")!;
        var mesh = new Following(arrange: static cluster =>
        {
            cluster.Put(Route("root", "backend", ["v1"], version: 7));
            cluster.Hold(static target => target.Kind.Kind != "HTTPRoute");
        });
        Assert.True(mesh.Follower.Restore(content));
        mesh.Run();
        Assert.Equal("7", mesh.Mesh["HTTPRoute shop/root"].Metadata.ResourceVersion);
        Assert.Contains("Service shop/backend", mesh.InMesh);
    }

    [Fact]
    public void What_neither_the_snapshot_nor_the_server_says_is_unknown()
    {
        var content = Serving().Follower.Capture("server-a")!;
        var mesh = new Following(static options => options.Namespaces = ["other"], static cluster => cluster.Hold(static _ => true));
        Assert.True(mesh.Follower.Restore(content));
        mesh.Run();
        Assert.True(mesh.Synced);
        Assert.Equal(
            [("BackendTLSPolicy", "other"), ("DestinationRule", "other"), ("GRPCRoute", "other"), ("HTTPRoute", "other"), ("PeerAuthentication", "other")],
            mesh.Unknown.Select(static scope => (scope.Kind, scope.Namespace!)));

        var demand = mesh.Follower.Demand("new.other");
        mesh.Run();
        mesh.Advance(TimeSpan.FromSeconds(2.1));
        Assert.True(demand.Known.IsCompletedSuccessfully);
        Assert.Equal(HostKnowledge.Unknown, mesh.Follower.Demand("new.other").Knowledge);
    }

    [Fact]
    public void A_snapshot_of_other_options_is_not_served()
    {
        var content = Serving().Follower.Capture("server-a")!;
        var mesh = new Following(static options => options.Scope = MeshKubernetesScope.Cluster, static cluster => cluster.Hold(static _ => true));
        Assert.False(mesh.Follower.Restore(content));
        mesh.Run();
        Assert.False(mesh.Synced);
    }

    [Fact]
    public void Endpoints_become_outdated_five_minutes_after_the_server_gave_word_of_them()
    {
        var mesh = Restored(out _);
        Assert.DoesNotContain(mesh.Mesh.Values.OfType<EndpointSlice>(), static slice => slice.IsOutdated);
        mesh.Advance(ClusterFollower.OutdatedAfter - TimeSpan.FromSeconds(1.5));
        Assert.DoesNotContain(mesh.Mesh.Values.OfType<EndpointSlice>(), static slice => slice.IsOutdated);
        mesh.Advance(TimeSpan.FromSeconds(2));
        Assert.All(mesh.Mesh.Values.OfType<EndpointSlice>(), static slice => Assert.True(slice.IsOutdated));

        mesh.Cluster.Put(Slice("backend"), Slice("v1"), Service("backend"), Service("v1"), Service("gone"), Slice("gone"));
        mesh.Cluster.Resume();
        mesh.Run();
        mesh.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, mesh.Mesh.Values.OfType<EndpointSlice>().Count());
        Assert.DoesNotContain(mesh.Mesh.Values.OfType<EndpointSlice>(), static slice => slice.IsOutdated);
    }

    [Fact]
    public void A_snapshot_that_was_old_already_brings_outdated_endpoints_at_once()
    {
        var content = Serving().Follower.Capture("server-a")!;
        var mesh = Away();
        mesh.Time.Advance(TimeSpan.FromHours(1));
        mesh.Follower.Restore(content);
        mesh.Run();
        Assert.All(mesh.Mesh.Values.OfType<EndpointSlice>(), static slice => Assert.True(slice.IsOutdated));
    }

    [Fact]
    public void What_is_kept_of_a_snapshot_that_is_served_keeps_its_time()
    {
        var mesh = Restored(out var before);
        var time = before.Follower.Capture("server-a")!.Time;
        Assert.Null(mesh.Follower.Capture("server-a"));

        mesh.Advance(TimeSpan.FromMinutes(1));
        mesh.Cluster.Hold(static target => target.Kind.Kind != "HTTPRoute");
        mesh.Cluster.Tell("HTTPRoute", new() { Condition = new(WatchState.Live, IsKnown: true, "") });
        mesh.Run();
        var content = mesh.Follower.Capture("server-a")!;
        Assert.All(content.Sets.Where(static set => set.Key.Resource != "httproutes.gateway.networking.k8s.io"), set => Assert.Equal(time, set.AsOf));
        Assert.Contains(content.Sets, static set => set.Service == new ServiceId("shop", "v1") && set.Objects.Length == 1);
    }

    [Fact]
    public void Services_of_a_snapshot_that_nobody_calls_are_let_go_as_any_other()
    {
        var mesh = Restored(out _);
        mesh.Cluster.Put(Service("backend"), Slice("backend"));
        mesh.Cluster.Resume();
        mesh.Run();
        mesh.Advance(TimeSpan.FromMinutes(12));
        Assert.DoesNotContain("Service shop/backend", mesh.InMesh);
    }

    [Fact]
    public void Two_services_that_select_the_same_pods_are_both_restored()
    {
        var selector = new Dictionary<string, string> { ["app"] = "backend" };
        var before = new Following(static options => options.Pods = MeshKubernetesPods.Always, cluster => cluster.Put(
            Service("backend", selector: selector), Slice("backend"), Service("headless", selector: selector), Slice("headless"), Pod("pod-1", selector)));
        before.Demand("backend");
        before.Demand("headless");

        var mesh = new Following(static options => options.Pods = MeshKubernetesPods.Always, static cluster => cluster.Hold(static _ => true));
        Assert.True(mesh.Follower.Restore(before.Follower.Capture("server-a")!));
        mesh.Run();
        Assert.Equal(before.InMesh, mesh.InMesh);
        Assert.Equal(2, mesh.Follower.Sets.All.Count(static set => set is { Kind: "Pod", Restored.Objects.Count: 1 }));
    }

    [Fact]
    public void A_snapshot_that_makes_no_sense_is_refused_as_a_whole()
    {
        var content = Serving().Follower.Capture("server-a")!;
        var mesh = Away();
        Assert.Throws<InvalidDataException>(() => mesh.Follower.Restore(content with
        {
            Sets = [.. content.Sets, new SnapshotSet(new SetKey("services", "shop", null, null), null, content.Time, [Rule("odd")])],
        }));
        mesh.Run();
        Assert.False(mesh.Synced);
        Assert.Empty(mesh.InMesh);
    }

    [Fact]
    public void What_has_not_changed_since_the_snapshot_is_not_delivered_once_more()
    {
        var mesh = Restored(out _);
        mesh.Events.Clear();
        mesh.Cluster.Put(
            Service("backend"), Slice("backend"), Service("v1", version: 2), Slice("v1"), Route("root", "backend", ["v1"]), Rule("v1"), Service("gone"), Slice("gone"));
        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Equal(["Service shop/v1"], mesh.Events.SelectMany(static change => change.Upserts).Select(static resource => resource.Key.ToString()));
        Assert.Empty(mesh.Problems);
    }

    private static Following Serving()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(
            Service("backend"), Slice("backend"), Service("v1"), Slice("v1"), Route("root", "backend", ["v1"]), Rule("v1"), Service("gone"), Slice("gone")));
        mesh.Demand("backend");
        mesh.Demand("gone");
        Assert.Equal(8, mesh.InMesh.Length);
        return mesh;
    }

    private static Following Away() => new(arrange: static cluster => cluster.Hold(static _ => true));

    private static Following Restored(out Following before)
    {
        before = Serving();
        var content = before.Follower.Capture("server-a")!;
        var mesh = Away();
        mesh.Advance(TimeSpan.FromSeconds(1));
        Assert.False(mesh.Synced);
        Assert.True(mesh.Follower.Restore(content));
        mesh.Run();
        return mesh;
    }
}
