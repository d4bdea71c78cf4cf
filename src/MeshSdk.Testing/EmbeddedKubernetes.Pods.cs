using System.Net;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Pods;

namespace MeshSdk.Testing;

/// <content>Servers of this machine as pods.</content>
public sealed partial class EmbeddedKubernetes
{
    /// <summary>
    /// Registers a server that runs on this machine as a pod, so that the Services which select its labels have it as an endpoint. The server itself
    /// is the caller's.
    /// </summary>
    /// <param name="ns">The namespace of the pod; made where there is none of the name.</param>
    /// <param name="name">The pod's name.</param>
    /// <param name="labels">The pod's labels.</param>
    /// <param name="server">Where the server listens, as clients dial it; the address becomes the pod's.</param>
    /// <param name="containerPort">
    /// The port that the pod seems to have, as in a Service's <c>targetPort</c>; null: the server's own. Many pods can so have port 5678 while each
    /// of their servers listens on a port of its own: the annotation <c>meshsdk.dev/local-ports</c> says which, and endpoints carry the real one.
    /// </param>
    /// <param name="configure">Sets what else the pod says of itself.</param>
    /// <param name="ct">Cancels the registration.</param>
    /// <returns>The pod, which is gone when it is disposed.</returns>
    /// <exception cref="ArgumentException">The server's address is none that can be dialled, or a port is out of range.</exception>
    /// <exception cref="InvalidOperationException">There is a pod of the name.</exception>
    public Task<LocalPod> AddPodAsync(
        string ns,
        string name,
        IReadOnlyDictionary<string, string> labels,
        IPEndPoint server,
        int? containerPort = null,
        Action<LocalPodOptions>? configure = null,
        CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(ns);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(server);
        ct.ThrowIfCancellationRequested();
        if (server.Address.Equals(IPAddress.Any) || server.Address.Equals(IPAddress.IPv6Any) || server.Port == 0)
        {
            throw new ArgumentException(
                $"{server} is where a server listens, not where it can be reached: name the address and the port.", nameof(server));
        }

        var options = new LocalPodOptions();
        configure?.Invoke(options);
        var manifest = new LocalPodManifest(ns, name, labels, server, containerPort ?? server.Port, options);
        if (Api.Get("", "pods", ns, name) is not null)
        {
            throw new InvalidOperationException($"There is a pod {ns}/{name} already.");
        }

        if (Api.Get("", "namespaces", null, ns) is null)
        {
            Api.Put("", "namespaces", LocalPodManifest.Namespace(ns));
        }

        if (manifest.NodeName is { } node && manifest.Node(Api.Get("", "nodes", null, node)) is { } content)
        {
            Api.Put("", "nodes", content);
        }

        var pod = Api.Put("", "pods", manifest.Pod());
        return Task.FromResult(new LocalPod(Api, ns, name, pod.Uid(), server));
    }
}
