using MeshSdk.Kubernetes.Watching;
using MeshSdk.Resources.Json;

namespace MeshSdk.Kubernetes.Tests;

public sealed class WatchTargetTests
{
    [Fact]
    public void A_target_reads_as_RBAC_writes_it()
    {
        Assert.True(ResourceKinds.TryGet("discovery.k8s.io", "EndpointSlice", out var kind));
        var target = new WatchTarget(kind, "endpointslices", ["v1"]) { Namespace = "istio-test", LabelSelector = "kubernetes.io/service-name=backend" };

        Assert.Equal("endpointslices.discovery.k8s.io in namespace istio-test (kubernetes.io/service-name=backend)", target.ToString());
    }
}
