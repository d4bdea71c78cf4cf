using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>What a Service port speaks: its <c>appProtocol</c>, else what its name begins with, else whatever the caller speaks.</summary>
internal static class PortProtocol
{
    public static ClusterProtocol Of(ServicePort port)
    {
        if (!string.IsNullOrEmpty(port.AppProtocol))
        {
            return TryRead(port.AppProtocol, out var declared) ? declared : ClusterProtocol.Http1;
        }

        var name = port.Name ?? "";
        if (name.StartsWith("grpc-web", StringComparison.OrdinalIgnoreCase))
        {
            return ClusterProtocol.Auto;
        }

        var dash = name.IndexOf('-');
        return TryRead(dash < 0 ? name : name[..dash], out var named) ? named : ClusterProtocol.Auto;
    }

    /// <summary>
    /// False where <c>appProtocol</c> says something that the mesh cannot speak. WebSocket over TLS is such: it takes a policy that
    /// states how to do TLS, which this version does not read.
    /// </summary>
    public static bool IsSupported(ServicePort port) => string.IsNullOrEmpty(port.AppProtocol) || TryRead(port.AppProtocol, out _);

    private static bool TryRead(string word, out ClusterProtocol protocol)
    {
        protocol = ClusterProtocol.Auto;
        switch (word.ToLowerInvariant())
        {
            case "http" or "kubernetes.io/ws":
                protocol = ClusterProtocol.Http1;
                return true;
            case "http2" or "grpc" or "kubernetes.io/h2c":
                protocol = ClusterProtocol.Http2;
                return true;

            // Known words that do not tell HTTP/1.1 from HTTP/2. Where the caller does TLS itself, TLS negotiates it.
            case "https" or "tls" or "grpc-web" or "tcp" or "http_proxy" or "udp" or "mongo" or "redis" or "mysql":
                return true;
            default:
                return false;
        }
    }
}
