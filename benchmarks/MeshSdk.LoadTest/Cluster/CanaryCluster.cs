using MeshSdk.LoadTest.Backend;

namespace MeshSdk.LoadTest.Cluster;

/// <summary>A cluster with the reference canary in it: three pods of version 1 and two of version 2, on ports of the backend process.</summary>
internal static class CanaryCluster
{
    public static readonly Uri PortUri = new("http://backend/port");

    public static async Task<ClusterProcess> StartAsync(BackendProcess backend, int v1, int v2, TimeSpan? bookmarkInterval = null)
    {
        var cluster = await ClusterProcess.StartAsync(bookmarkInterval);
        await cluster.ApplyAsync(ClusterManifests.Canary(v1, v2));
        for (var i = 0; i < 5; i++)
        {
            await cluster.AddPodAsync(PodName(i), ClusterManifests.App, i < 3 ? "v1" : "v2", backend.Http1[i].Port);
        }

        return cluster;
    }

    public static string PodName(int number) => $"backend-{number}";

    /// <summary>A mesh that follows the cluster as an application would that says nothing of it but where it is.</summary>
    public static Task<Mesh> MeshAsync(ClusterProcess cluster, string? snapshots = null) => KubernetesMesh.StartAsync(
        new MeshOptions { Namespace = "default" },
        new MeshKubernetesOptions { Kubeconfig = cluster.Kubeconfig, SnapshotDirectory = snapshots });
}
