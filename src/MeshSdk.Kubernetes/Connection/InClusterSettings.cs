namespace MeshSdk.Kubernetes.Connection;

/// <summary>What Kubernetes gives to every pod: the address in the environment, the rest in a directory.</summary>
internal static class InClusterSettings
{
    public const string HostVariable = "KUBERNETES_SERVICE_HOST";
    public const string PortVariable = "KUBERNETES_SERVICE_PORT";

    /// <returns>Null: this is no pod, or one without a service account.</returns>
    /// <exception cref="ConnectionException">It is one, and part of it cannot be read.</exception>
    public static async Task<ConnectionSettings?> FindAsync(
        string directory, Func<string, string?> environment, TimeProvider time, CancellationToken cancellationToken)
    {
        var (host, port, token) = (environment(HostVariable), environment(PortVariable), Path.Combine(directory, "token"));
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) || !File.Exists(token))
        {
            return null;
        }

        if (!Uri.TryCreate($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}/", UriKind.Absolute, out var server))
        {
            throw new ConnectionException($"{HostVariable}={host} and {PortVariable}={port} make no address");
        }

        var credential = new TokenFileCredential(token, time);
        var authority = PemText.OfFile(Path.Combine(directory, "ca.crt"));

        // Both are read on use. Here they are read so that a fault shows at the start.
        await credential.GetHeaderAsync(cancellationToken).ConfigureAwait(false);
        await authority.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new ConnectionSettings(server, $"the pod's service account in {directory}", credential)
        {
            Authority = authority,
            Namespace = await NamespaceAsync(Path.Combine(directory, "namespace"), cancellationToken).ConfigureAwait(false),
        };
    }

    private static async ValueTask<string?> NamespaceAsync(string path, CancellationToken cancellationToken) =>
        File.Exists(path) && (await TextFile.ReadAsync(path, cancellationToken).ConfigureAwait(false)).Trim() is { Length: > 0 } name ? name : null;
}
