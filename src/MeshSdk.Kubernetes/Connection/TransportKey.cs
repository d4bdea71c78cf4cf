namespace MeshSdk.Kubernetes.Connection;

/// <summary>All that connections depend on: while it stays the same they can be used again.</summary>
internal sealed record TransportKey(Uri Server, Uri? Proxy, string? TlsServerName, bool SkipsVerification, TlsMaterial Material)
{
    public static TransportKey Of(ConnectionSettings settings, TlsMaterial material) =>
        new(settings.Server, settings.Proxy, settings.TlsServerName, settings.SkipsVerification, material);
}
