using System.Net;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Pods;

namespace MeshSdk.Testing;

/// <summary>A server of this machine that the cluster sees as a pod. Disposing it takes the pod away; the server is left alone.</summary>
public sealed class LocalPod : IAsyncDisposable
{
    // Keeps a pod that was deleted in the list, as the grace period does on a cluster, but without a clock.
    private const string Finalizer = "meshsdk.dev/local-process";

    private readonly IClusterApi _api;
    private readonly string _uid;
    private readonly Lock _lock = new();

    internal LocalPod(IClusterApi api, string ns, string name, string uid, IPEndPoint server)
    {
        _api = api;
        _uid = uid;
        Namespace = ns;
        Name = name;
        Server = server;
    }

    /// <summary>The pod's namespace.</summary>
    public string Namespace { get; }

    /// <summary>The pod's name.</summary>
    public string Name { get; }

    /// <summary>Where the server listens.</summary>
    public IPEndPoint Server { get; }

    /// <summary>Says whether the pod is ready, as a readiness probe does.</summary>
    /// <param name="ready">False: endpoints of the pod are not ready and do not serve.</param>
    /// <exception cref="InvalidOperationException">The pod is gone.</exception>
    public Task SetReadyAsync(bool ready)
    {
        Update(pod => LocalPodManifest.SetReady(pod["status"]!.AsObject(), ready));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Begins the end of the pod, as a deletion on a cluster does: it is terminating, and its endpoints still serve but are no longer ready, until it is
    /// disposed.
    /// </summary>
    /// <exception cref="InvalidOperationException">The pod is gone.</exception>
    public Task TerminateAsync()
    {
        lock (_lock)
        {
            Update(pod =>
            {
                if (!pod.IsTerminating())
                {
                    pod["metadata"]!["finalizers"] = pod.TextsAt("metadata", "finalizers").Append(Finalizer).Distinct().ToJsonArray();
                }
            });
            _api.Delete("", "pods", Namespace, Name);
        }

        return Task.CompletedTask;
    }

    /// <summary>Takes the pod away, where somebody else has not done so.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (Find() is { } pod)
            {
                if (pod.TextsAt("metadata", "finalizers").Contains(Finalizer))
                {
                    _api.Update("", "pods", Namespace, Name, _uid, static held =>
                        held["metadata"]!["finalizers"] = held.TextsAt("metadata", "finalizers").Remove(Finalizer).ToJsonArray());
                }

                if (Find() is not null)
                {
                    _api.Delete("", "pods", Namespace, Name);
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    private void Update(Action<JsonObject> change)
    {
        lock (_lock)
        {
            _ = _api.Update("", "pods", Namespace, Name, _uid, change) ?? throw new InvalidOperationException($"The pod {Namespace}/{Name} is gone.");
        }
    }

    /// <summary>Another pod of the same name is not this one.</summary>
    private JsonObject? Find() => _api.Get("", "pods", Namespace, Name) is { } pod && pod.Uid() == _uid ? pod : null;
}
