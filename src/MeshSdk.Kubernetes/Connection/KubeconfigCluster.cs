using k8s.KubeConfigModels;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>Reads what a kubeconfig says of a cluster.</summary>
internal static class KubeconfigCluster
{
    /// <param name="fields">The same as written, for what KubernetesClient does not know.</param>
    /// <param name="file">Where it stands.</param>
    /// <param name="origin">For people.</param>
    /// <exception cref="ConnectionException">Something in it makes no sense.</exception>
    public static ConnectionSettings Read(ClusterEndpoint cluster, MappingNode? fields, string file, string origin)
    {
        if (!Uri.TryCreate(cluster.Server, UriKind.Absolute, out var server) || server.Scheme is not ("https" or "http"))
        {
            throw new ConnectionException($"the server '{cluster.Server}' of {origin} is no http or https address");
        }

        return new ConnectionSettings(WithTrailingSlash(server), origin, FixedCredential.None)
        {
            Authority = !string.IsNullOrEmpty(cluster.CertificateAuthorityData)
                ? PemText.OfData(cluster.CertificateAuthorityData, $"certificate-authority-data of {origin}")
                : !string.IsNullOrEmpty(cluster.CertificateAuthority) ? PemText.OfFile(Located(cluster.CertificateAuthority, file))
                : null,
            SkipsVerification = cluster.SkipTlsVerify,
            TlsServerName = string.IsNullOrEmpty(cluster.TlsServerName) ? null : cluster.TlsServerName,
            Proxy = Proxy(fields, origin),
        };
    }

    /// <summary>A path as it is to be opened: relative ones begin at the file that states them.</summary>
    public static string Located(string path, string file) => Path.GetFullPath(path, Path.GetDirectoryName(file)!);

    // Without it the last segment of a path would be lost when the paths of the API are put behind it.
    private static Uri WithTrailingSlash(Uri server) => server.AbsolutePath.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/");

    private static Uri? Proxy(MappingNode? fields, string origin)
    {
        if (fields?.Text("proxy-url") is not { Length: > 0 } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5"
            ? proxy
            : throw new ConnectionException($"the proxy-url '{text}' of {origin} is no http, https or socks5 address");
    }
}
