using MeshSdk.Model;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

public sealed class NamespaceScopeTests
{
    [Fact]
    public void Whole_namespaces_are_read_from_the_start()
    {
        var mesh = new Following(Whole, static cluster => cluster.Put(
            Service("backend"), Slice("backend"), Service("v1", "other"), Service("v2", "elsewhere"), Route("root", "backend", ["other/v1"])));
        Assert.True(mesh.Synced);
        Assert.Equal(["EndpointSlice shop/backend-1", "HTTPRoute shop/root", "Service other/v1", "Service shop/backend"], mesh.InMesh);
        Assert.Equal(
            [
                "backendtlspolicies.gateway.networking.k8s.io in namespace other", "backendtlspolicies.gateway.networking.k8s.io in namespace shop",
                "configmaps in namespace istio-system (metadata.name=istio)",
                "destinationrules.networking.istio.io in namespace istio-system", "destinationrules.networking.istio.io in namespace other",
                "destinationrules.networking.istio.io in namespace shop", "endpointslices.discovery.k8s.io in namespace other",
                "endpointslices.discovery.k8s.io in namespace shop", "grpcroutes.gateway.networking.k8s.io in namespace other",
                "grpcroutes.gateway.networking.k8s.io in namespace shop", "httproutes.gateway.networking.k8s.io in namespace other",
                "httproutes.gateway.networking.k8s.io in namespace shop", "namespaces in all namespaces (metadata.name=other)",
                "namespaces in all namespaces (metadata.name=shop)", "peerauthentications.security.istio.io in namespace istio-system",
                "peerauthentications.security.istio.io in namespace other", "peerauthentications.security.istio.io in namespace shop",
                "services in namespace other", "services in namespace shop",
                "xbackendtrafficpolicies.gateway.networking.x-k8s.io in namespace other",
                "xbackendtrafficpolicies.gateway.networking.x-k8s.io in namespace shop",
            ],
            mesh.Cluster.Running);
    }

    [Fact]
    public void The_configuration_of_the_mesh_that_does_not_come_holds_nobody_up()
    {
        var mesh = new Following(Whole, static cluster => cluster.Hold("ConfigMap"));
        Assert.False(mesh.Synced);
        mesh.Advance(new MeshKubernetesOptions().FirstCallTimeout);
        Assert.True(mesh.Synced);
        Assert.DoesNotContain(mesh.Unknown, static scope => scope.Kind == "ConfigMap");
    }

    [Fact]
    public void The_rules_of_the_namespace_that_the_mesh_names_as_its_own_are_followed_before_it_counts()
    {
        var mesh = new Following(Whole);
        Assert.DoesNotContain("destinationrules.networking.istio.io in namespace mesh-root", mesh.Cluster.Running);

        mesh.Cluster.Hold("DestinationRule");
        mesh.Cluster.Put(MeshConfig("{rootNamespace: mesh-root}"));
        mesh.Run();
        Assert.Contains("destinationrules.networking.istio.io in namespace mesh-root", mesh.Cluster.Running);
        Assert.DoesNotContain("ConfigMap istio-system/istio", mesh.InMesh);

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Contains("ConfigMap istio-system/istio", mesh.InMesh);
    }

    [Fact]
    public void Rules_of_that_namespace_that_do_not_come_hold_nobody_up()
    {
        var mesh = new Following(Whole);
        mesh.Cluster.Hold("DestinationRule");
        mesh.Cluster.Put(MeshConfig("{rootNamespace: mesh-root}"));
        mesh.Run();
        mesh.Advance(new MeshKubernetesOptions().FirstCallTimeout);
        Assert.Contains("ConfigMap istio-system/istio", mesh.InMesh);
        Assert.Contains(mesh.Unknown, static scope => scope is { Kind: "DestinationRule", Namespace: "mesh-root" });
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    public void Grants_are_read_in_every_served_namespace_and_only_where_they_count(bool follows, int watches)
    {
        var mesh = new Following(options =>
        {
            Whole(options);
            options.FollowsGrants = follows;
        });
        Assert.Equal(watches, mesh.Cluster.Running.Count(static target => target.StartsWith("referencegrants.gateway.networking.k8s.io in", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("nobody", HostKnowledge.Absent)]
    [InlineData("nobody.other", HostKnowledge.Absent)]
    [InlineData("nobody.other.svc", HostKnowledge.Absent)]
    [InlineData("nobody.elsewhere.svc.cluster.local", HostKnowledge.Absent)]
    [InlineData("github.com", HostKnowledge.Foreign)]
    [InlineData("localhost", HostKnowledge.Foreign)]
    [InlineData("10.0.0.1", HostKnowledge.Foreign)]
    public void A_host_without_a_frontend_has_no_service(string host, object expected) => Assert.Equal(expected, new Following(Whole).Demand(host));

    [Fact]
    public void Services_that_may_not_be_read_are_unknown_and_not_absent()
    {
        var mesh = new Following(Whole, static cluster => cluster.Forbid(static target => target is { Kind.Kind: "Service", Namespace: "other" }));
        Assert.True(mesh.Synced);
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody"));
        var answer = mesh.Follower.Demand("nobody.other.svc");
        Assert.Equal((HostKnowledge.Unknown, "no permission to list services"), (answer.Knowledge, answer.Reason));
        Assert.Equal(("Service", "other", null), (mesh.Unknown[0].Kind, mesh.Unknown[0].Namespace, mesh.Unknown[0].Name));
    }

    [Fact]
    public void A_cluster_is_read_by_one_watch_a_kind()
    {
        var mesh = new Following(static options => options.Scope = MeshKubernetesScope.Cluster, static cluster => cluster.Put(
            Service("backend", "far", selector: new() { ["app"] = "x" }), Rule("backend", ns: "far", subsets: true), Pod("pod-1", new() { ["app"] = "y" }, "far")));
        Assert.Equal(11, mesh.Cluster.Running.Count);
        Assert.Equal(
            ["configmaps in namespace istio-system (metadata.name=istio)"],
            mesh.Cluster.Running.Where(static target => !target.EndsWith("in all namespaces", StringComparison.Ordinal)));
        Assert.Contains("Pod far/pod-1", mesh.InMesh);

        Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody.far"));
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody.shop"));
        Assert.Equal(HostKnowledge.Absent, mesh.Demand("nobody.near.svc"));
        Assert.Equal(HostKnowledge.Foreign, mesh.Demand("github.com"));
    }

    [Fact]
    public void The_beginning_is_not_complete_without_the_pods_that_a_rule_needs()
    {
        var mesh = new Following(Whole, static cluster =>
        {
            cluster.Put(Service("backend"), Rule("backend", subsets: true), Pod("pod-1", new() { ["app"] = "x" }));
            cluster.Hold("Pod");
        });
        Assert.False(mesh.Synced);

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.True(mesh.Synced);
        Assert.Contains("Pod shop/pod-1", mesh.InMesh);
        Assert.Equal(0, Assert.Single(mesh.Events, static change => change.Synced).Unknown?.Length);
    }

    [Fact]
    public void Pods_that_are_late_hold_nobody_up()
    {
        var mesh = new Following(Whole, static cluster =>
        {
            cluster.Put(Service("backend"), Rule("backend", subsets: true));
            cluster.Hold("Pod");
        });

        mesh.Advance(new MeshKubernetesOptions().FirstCallTimeout);
        Assert.True(mesh.Synced);
        Assert.Equal(["Pod"], mesh.Unknown.Select(static scope => scope.Kind).Distinct());
    }

    [Fact]
    public void A_cluster_whose_services_may_not_be_read_leaves_the_world_outside_alone()
    {
        var mesh = new Following(
            static options => options.Scope = MeshKubernetesScope.Cluster, static cluster => cluster.Forbid(static target => target.Kind.Kind == "Service"));
        Assert.Equal(HostKnowledge.Foreign, mesh.Demand("github.com"));
        Assert.Equal(HostKnowledge.Unknown, mesh.Demand("backend"));
        Assert.Equal(HostKnowledge.Unknown, mesh.Demand("backend.shop"));
        Assert.Equal(HostKnowledge.Unknown, mesh.Demand("backend.far.svc"));
    }

    [Fact]
    public void A_backend_in_a_namespace_that_is_not_served_is_unknown()
    {
        var mesh = new Following(Whole, static cluster => cluster.Put(Route("root", "backend", ["elsewhere/v1"])));
        Assert.Equal(("Service", "elsewhere", "v1"), (mesh.Unknown[0].Kind, mesh.Unknown[0].Namespace, mesh.Unknown[0].Name));
    }

    private static void Whole(MeshKubernetesOptions options)
    {
        options.Scope = MeshKubernetesScope.Namespaces;
        options.Namespaces = ["other"];
    }
}
