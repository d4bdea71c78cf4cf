using MeshSdk.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>A server, and the pod that stands for it.</summary>
internal sealed class CanaryPod(LocalPod pod, BackendServer server) : IAsyncDisposable
{
    public int Calls => server.Calls;

    public Task TerminateAsync() => pod.TerminateAsync();

    /// <summary>Takes the pod away; its server goes on, as one that drains does.</summary>
    public ValueTask RemoveAsync() => pod.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await pod.DisposeAsync();
        await server.DisposeAsync();
    }
}
