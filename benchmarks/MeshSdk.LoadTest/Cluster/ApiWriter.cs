using k8s;
using k8s.Models;

namespace MeshSdk.LoadTest.Cluster;

/// <summary>Somebody who changes routes over the API, as kubectl and pipelines do.</summary>
internal sealed class ApiWriter(ClusterProcess cluster) : IDisposable
{
    private readonly k8s.Kubernetes _client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig));

    public Task ShiftAsync(int v1, int v2) => _client.CustomObjects.PatchNamespacedCustomObjectAsync(
        new V1Patch(ClusterManifests.Weights(v1, v2), V1Patch.PatchType.MergePatch),
        "gateway.networking.k8s.io", "v1", "default", "httproutes", "backend-split");

    /// <summary>Waits until the cluster's controllers have given so many endpoints to services.</summary>
    public async Task WaitForEndpointsAsync(int count)
    {
        while ((await _client.DiscoveryV1.ListNamespacedEndpointSliceAsync("default")).Items.Sum(static slice => slice.Endpoints?.Count ?? 0) < count)
        {
            await Task.Delay(50);
        }
    }

    public void Dispose() => _client.Dispose();
}
