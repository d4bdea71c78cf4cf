using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

public sealed class PodTests
{
    private static readonly Dictionary<string, string> Selector = new() { ["tier"] = "back", ["app"] = "backend" };

    [Theory]
    [InlineData(MeshKubernetesPods.Auto, false, null, false)]
    [InlineData(MeshKubernetesPods.Auto, true, null, true)]
    [InlineData(MeshKubernetesPods.Auto, false, "ISTIO_MUTUAL", true)]
    [InlineData(MeshKubernetesPods.Auto, false, "MUTUAL", true)]
    [InlineData(MeshKubernetesPods.Auto, false, "SIMPLE", false)]
    [InlineData(MeshKubernetesPods.Always, false, null, true)]
    [InlineData(MeshKubernetesPods.Never, true, "ISTIO_MUTUAL", false)]
    public void Pods_are_read_where_a_rule_of_the_service_needs_them_or_the_option_says_so(MeshKubernetesPods option, bool subsets, string? tls, bool expected)
    {
        var mesh = new Following(options => options.Pods = option, cluster => cluster.Put(
            Service("backend", selector: Selector), Slice("backend"), Pod("pod-1", Selector), Pod("stranger", new() { ["app"] = "other" }), Rule("backend", subsets, tls)));
        mesh.Demand("backend");

        Assert.Equal(expected, mesh.Mesh.ContainsKey("Pod shop/pod-1"));
        Assert.False(mesh.Mesh.ContainsKey("Pod shop/stranger"));
        Assert.Equal(expected, mesh.Cluster.Running.Contains("pods in namespace shop (app=backend,tier=back)"));
        Assert.Contains("Service shop/backend", mesh.InMesh);
    }

    [Theory]
    [InlineData("*.shop.svc.cluster.local", "shop")]
    [InlineData("backend.shop.svc.cluster.local", "istio-system")]
    [InlineData("*", "istio-system")]
    public void Rules_with_wildcards_and_of_the_root_namespace_count(string host, string ns)
    {
        var rule = Rule("any", subsets: true, ns: ns);
        var mesh = new Following(arrange: cluster => cluster.Put(
            Service("backend", selector: Selector), Pod("pod-1", Selector), rule with { Spec = rule.Spec with { Host = host } }));
        mesh.Demand("backend");
        Assert.Contains("Pod shop/pod-1", mesh.InMesh);
    }

    [Fact]
    public void A_service_waits_for_its_pods()
    {
        var mesh = new Following(arrange: static cluster =>
        {
            cluster.Put(Service("backend", selector: Selector), Slice("backend"), Pod("pod-1", Selector), Rule("backend", subsets: true));
            cluster.Hold("Pod");
        });
        mesh.Demand("backend");
        Assert.DoesNotContain("Service shop/backend", mesh.InMesh);
        mesh.Advance(TimeSpan.FromSeconds(2.1));
        Assert.Contains("Service shop/backend", mesh.InMesh);
        Assert.Equal(("Pod", "shop", "backend"), (mesh.Unknown[0].Kind, mesh.Unknown[0].Namespace, mesh.Unknown[0].Name));
    }

    [Fact]
    public void A_rule_that_comes_later_brings_the_pods_and_one_that_goes_takes_them_away()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend", selector: Selector), Slice("backend"), Pod("pod-1", Selector)));
        mesh.Demand("backend");
        Assert.DoesNotContain("Pod shop/pod-1", mesh.InMesh);

        mesh.Cluster.Hold("Pod");
        mesh.Cluster.Put(Rule("backend", subsets: true));
        mesh.Run();
        Assert.Contains("DestinationRule shop/rule-backend", mesh.InMesh);
        Assert.Equal("Pod", Assert.Single(mesh.Unknown).Kind);

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Contains("Pod shop/pod-1", mesh.InMesh);
        Assert.Empty(mesh.Unknown);

        mesh.Cluster.Delete(Rule("backend", subsets: true));
        mesh.Run();
        Assert.DoesNotContain("Pod shop/pod-1", mesh.InMesh);
    }

    [Fact]
    public void The_pods_of_a_changed_selector_replace_the_former_ones_when_they_are_there()
    {
        var mesh = new Following(static options => options.Pods = MeshKubernetesPods.Always, static cluster => cluster.Put(
            Service("backend", selector: Selector), Pod("pod-1", Selector), Pod("pod-2", new() { ["app"] = "next" })));
        mesh.Demand("backend");
        mesh.Cluster.Hold("Pod");
        mesh.Cluster.Put(Service("backend", selector: new() { ["app"] = "next" }, version: 2));
        mesh.Run();
        Assert.Contains("Pod shop/pod-1", mesh.InMesh);

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.DoesNotContain("Pod shop/pod-1", mesh.InMesh);
        Assert.Contains("Pod shop/pod-2", mesh.InMesh);
        Assert.Single(mesh.Cluster.Running, static target => target.StartsWith("pods", StringComparison.Ordinal));
    }

    [Fact]
    public void A_pod_that_two_services_select_stays_as_long_as_one_of_them_is_followed()
    {
        var mesh = new Following(static options => options.Pods = MeshKubernetesPods.Always, static cluster => cluster.Put(
            Service("a", selector: new() { ["app"] = "backend" }), Service("b", selector: Selector), Pod("pod-1", Selector)));
        mesh.Demand("a");
        mesh.Demand("b");
        for (var i = 0; i < 4; i++)
        {
            mesh.Advance(TimeSpan.FromMinutes(4));
            mesh.Follower.Used([new("shop", "b")]);
        }

        Assert.DoesNotContain("Service shop/a", mesh.InMesh);
        Assert.Contains("Pod shop/pod-1", mesh.InMesh);
        mesh.Advance(TimeSpan.FromMinutes(12));
        Assert.DoesNotContain("Pod shop/pod-1", mesh.InMesh);
    }

    [Fact]
    public void A_service_without_a_selector_has_no_pods_to_read()
    {
        var mesh = new Following(static options => options.Pods = MeshKubernetesPods.Always, static cluster => cluster.Put(Service("backend")));
        mesh.Demand("backend");
        Assert.Contains("Service shop/backend", mesh.InMesh);
        Assert.DoesNotContain(mesh.Cluster.Running, static target => target.StartsWith("pods", StringComparison.Ordinal));
    }
}
