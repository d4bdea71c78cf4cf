using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

/// <summary>Which nodes and pods are read to know where things run.</summary>
public sealed class PlaceTests
{
    private const string AllNodes = "nodes in all namespaces";
    private const string OwnNode = "nodes in all namespaces (metadata.name=n1)";
    private const string OwnPod = "pods in namespace shop (metadata.name=me)";

    private static readonly Dictionary<string, string> Selector = new() { ["app"] = "backend" };

    [Theory]
    [InlineData("eu/a", null, null, true, MeshKubernetesNodes.Auto, AllNodes)]
    [InlineData("eu/a", "n1", null, true, MeshKubernetesNodes.Auto, AllNodes)]
    [InlineData("eu/a", null, null, false, MeshKubernetesNodes.Auto, "")]
    [InlineData("/a", null, null, true, MeshKubernetesNodes.Auto, "")]
    [InlineData(null, null, null, true, MeshKubernetesNodes.Auto, "")]
    [InlineData(null, "n1", null, true, MeshKubernetesNodes.Auto, AllNodes + "; " + OwnNode)]
    [InlineData(null, "n1", null, false, MeshKubernetesNodes.Auto, OwnNode)]
    [InlineData(null, "n1", "me", true, MeshKubernetesNodes.Never, OwnPod)]
    [InlineData(null, null, "me", false, MeshKubernetesNodes.Auto, OwnPod)]
    [InlineData("eu/a", "n1", "me", false, MeshKubernetesNodes.Auto, OwnPod)]
    public void Nodes_are_read_where_places_matter_and_the_caller_has_one(
        string? locality, string? node, string? pod, bool matters, MeshKubernetesNodes option, string expected)
    {
        var mesh = new Following(
            options => options.Nodes = option,
            cluster => cluster.Put(matters ? [NearRule("backend"), Service("backend")] : [Rule("backend"), Service("backend")]),
            caller: new CallerContext { Namespace = "shop", Locality = Runtime.CallerDetection.ParseLocality(locality), Node = node, Pod = pod });
        mesh.Demand("backend");
        Assert.True(mesh.Synced);
        Assert.Equal(expected, string.Join("; ", mesh.Cluster.Running.Where(static target => target.StartsWith("nodes", StringComparison.Ordinal) || target.StartsWith("pods", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_service_that_prefers_near_endpoints_is_reason_enough()
    {
        var near = Service("near");
        var mesh = new Following(
            arrange: cluster => cluster.Put(near with { Spec = near.Spec with { TrafficDistribution = "PreferSameZone" } }, Slice("near"), Node("n1", "eu", "a")),
            caller: new CallerContext { Namespace = "shop", Locality = new Locality("eu", "a", "") });
        Assert.DoesNotContain(AllNodes, mesh.Cluster.Running);
        mesh.Demand("near");
        Assert.Contains(AllNodes, mesh.Cluster.Running);
        Assert.Contains("Node n1", mesh.InMesh);
    }

    [Theory]
    [InlineData("defaultTrafficPolicy: {outlierDetection: {}}", null, true)]
    [InlineData("localityLbSetting: {distribute: [{from: '*', to: {'eu/*': 100}}]}", null, true)]
    [InlineData("localityLbSetting: {enabled: false}", null, false)]
    [InlineData("trustDomain: td", null, false)]
    [InlineData("trustDomain: td", "{consecutive5xxErrors: 3}", true)]
    [InlineData("trustDomain: td", " ", false)]
    public void The_mesh_and_the_annotation_are_reason_enough_too(string mesh, string? annotation, bool expected)
    {
        var following = new Following(
            arrange: cluster => cluster.Put(Annotated("backend", annotation), Slice("backend"), Node("n1", "eu", "a"), MeshConfig(mesh)),
            caller: new CallerContext { Namespace = "shop", Locality = new Locality("eu", "a", "") });
        following.Demand("backend");
        Assert.Equal(expected, following.Cluster.Running.Contains(AllNodes));
    }

    // The mesh compares a label of pods: they are read where endpoints are ejected, and the rule leaves the order to the mesh.
    [Theory]
    [InlineData("", "rule", null, true)]
    [InlineData("", "own order", null, false)]
    [InlineData("", "none", null, false)]
    [InlineData("", "none", "{consecutive5xxErrors: 3}", true)]
    [InlineData("defaultTrafficPolicy: {outlierDetection: {}}", "none", null, true)]
    public void Pods_are_read_where_the_mesh_compares_their_labels(string mesh, string rule, string? annotation, bool expected)
    {
        var service = Annotated("backend", annotation);
        var following = new Following(arrange: cluster => cluster.Put(
            service with { Spec = service.Spec with { Selector = Selector } },
            Pod("pod-1", Selector),
            MeshConfig("localityLbSetting: {failoverPriority: [version]}\n" + mesh),
            rule == "none" ? Rule("backend") : NearRule("backend", rule == "rule" ? null : "{}")));
        following.Demand("backend");
        Assert.Equal(expected, following.Mesh.ContainsKey("Pod shop/pod-1"));
    }

    [Fact]
    public void A_version_of_the_mesh_that_cannot_be_read_changes_nothing_of_that()
    {
        var following = new Following(
            arrange: static cluster => cluster.Put(Service("backend"), MeshConfig("{rootNamespace: mesh-root, defaultTrafficPolicy: {outlierDetection: {}}}")),
            caller: new CallerContext { Namespace = "shop", Locality = new Locality("eu", "a", "") });
        following.Demand("backend");
        string[] before = [.. following.Cluster.Running];
        Assert.Contains(AllNodes, before);
        following.Cluster.Put(MeshConfig("{a: "));
        following.Run();
        Assert.Equal(before, following.Cluster.Running);
        Assert.Contains(before, static target => target.Contains("mesh-root", StringComparison.Ordinal));
    }

    [Fact]
    public void The_beginning_has_the_own_node_in_it()
    {
        var mesh = Starting(cluster => cluster.Hold("Node"));
        Assert.False(mesh.Synced);
        mesh.Cluster.Resume();
        mesh.Run();
        Assert.True(mesh.Synced);
        Assert.Equal(["Node n1"], mesh.InMesh);
        Assert.Single(mesh.Events);
    }

    [Fact]
    public void The_beginning_does_not_wait_for_it_for_long()
    {
        var mesh = Starting(cluster => cluster.Hold("Node"));
        mesh.Advance(TimeSpan.FromSeconds(2.1));
        Assert.True(mesh.Synced);
        Assert.Empty(mesh.Unknown);
        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Equal(["Node n1"], mesh.InMesh);
    }

    [Fact]
    public void Nodes_that_may_not_be_read_are_nobodys_trouble()
    {
        var mesh = Starting(static cluster => cluster.Forbid(static target => target.Kind.Kind is "Node" or "Pod"));
        Assert.True(mesh.Synced);
        Assert.Empty(mesh.Unknown);
        Assert.Empty(mesh.Problems);
        Assert.Contains(mesh.Health, static health => health is { Kind: "Node", State: WatchState.Forbidden });
    }

    [Theory]
    [InlineData("""{"failoverPriority":["version"]}""", true)]
    [InlineData("""{"failoverPriority":["topology.kubernetes.io/zone","topology.istio.io/network"]}""", true)]
    [InlineData("""{"failoverPriority":["topology.kubernetes.io/region","topology.kubernetes.io/zone","topology.istio.io/subzone","kubernetes.io/hostname"]}""", false)]
    [InlineData("""{"failover":[{"from":"eu","to":"us"}]}""", false)]
    [InlineData(null, false)]
    public void Pods_are_read_where_their_labels_are_compared(string? locality, bool expected)
    {
        var mesh = new Following(arrange: cluster => cluster.Put(Service("backend", selector: Selector), Pod("pod-1", Selector), NearRule("backend", locality)));
        mesh.Demand("backend");
        Assert.Equal(expected, mesh.Mesh.ContainsKey("Pod shop/pod-1"));
    }

    [Fact]
    public void Nodes_outlive_the_server_in_a_snapshot()
    {
        var caller = new CallerContext { Namespace = "shop", Node = "n1" };
        var before = new Following(arrange: static cluster => cluster.Put(Node("n1", "eu", "a"), Node("n2", "eu", "b"), NearRule("backend")), caller: caller);
        var after = new Following(arrange: static cluster => cluster.Hold(static _ => true), caller: caller);
        Assert.True(after.Follower.Restore(before.Follower.Capture("server-a")!));
        after.Run();
        Assert.Equal(["DestinationRule shop/rule-backend", "Node n1", "Node n2"], after.InMesh);
    }

    [Fact]
    public void Nothing_but_the_place_is_kept_of_a_node()
    {
        var decoded = new ObjectDecoder(WatchedKinds.Nodes.Target).Decode("""
            {"metadata":{"name":"n1","resourceVersion":"7","annotations":{"a":"b"},"labels":{
                "topology.kubernetes.io/region":"eu","topology.kubernetes.io/zone":"a","topology.istio.io/subzone":"r","kubernetes.io/hostname":"n1","beta.kubernetes.io/os":"linux"}},
             "spec":{"podCIDR":"10.0.0.0/24"},"status":{"images":[{"names":["x"]}]}}
            """u8);
        var node = Assert.IsType<Node>(decoded.Resource);
        Assert.Equal(new ResourceKey("Node", "", "n1"), node.Key);
        Assert.Equal(
            ["kubernetes.io/hostname", "topology.istio.io/subzone", "topology.kubernetes.io/region", "topology.kubernetes.io/zone"],
            node.Metadata.Labels!.Keys.Order(StringComparer.Ordinal));
        Assert.Null(node.Metadata.Annotations);
    }

    private static Service Annotated(string name, string? annotation)
    {
        var service = Service(name);
        return annotation is null ? service : service with { Metadata = service.Metadata with { Annotations = new() { ["meshsdk.io/outlier-detection"] = annotation } } };
    }

    private static Following Starting(Action<FakeCluster> arrange) => new(
        arrange: cluster =>
        {
            cluster.Put(Node("n1", "eu", "a"), Node("n2", "eu", "b"));
            arrange(cluster);
        },
        caller: new CallerContext { Namespace = "shop", Node = "n1", Pod = "me" });
}
