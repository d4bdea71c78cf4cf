using System.Net;

namespace MeshSdk.Conformance.Client;

/// <summary>The mesh as the arguments describe it, ready for calls.</summary>
internal static class MeshConnection
{
    /// <exception cref="HttpRequestException">The configuration did not arrive.</exception>
    public static async Task<Mesh> StartAsync(ClientArguments arguments, CancellationToken cancellationToken)
    {
        var options = new MeshOptions { Namespace = arguments.Namespace, Manifests = [.. arguments.Manifests] };
        if (arguments.Manifests.Count > 0)
        {
            return await Mesh.StartAsync(options, cancellationToken: cancellationToken);
        }

        var kubernetes = new MeshKubernetesOptions { Kubeconfig = arguments.Kubeconfig, FirstCallTimeout = arguments.Timeout };
        kubernetes.ServiceAccountDirectory = arguments.ServiceAccount ?? kubernetes.ServiceAccountDirectory;
        if (NamespaceOf(arguments.Url) is { } called)
        {
            kubernetes.Namespaces.Add(called);
        }

        return await KubernetesMesh.StartAsync(options, kubernetes, cancellationToken: cancellationToken);
    }

    /// <summary>The namespace in a name such as <c>echo.other</c> or <c>echo.other.svc.cluster.local</c>.</summary>
    private static string? NamespaceOf(Uri url) => IPAddress.TryParse(url.DnsSafeHost, out _) ? null : url.IdnHost.TrimEnd('.').Split('.') switch
    {
        [_, { Length: > 0 } ns] => ns,
        [_, { Length: > 0 } ns, "svc", ..] => ns,
        _ => null,
    };
}
