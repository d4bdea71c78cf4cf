namespace MeshSdk.Kubernetes.Connection;

/// <summary>Finds out which API server is meant: the named kubeconfig; else, in a pod, the pod's own; else the kubeconfig that kubectl would use.</summary>
internal sealed class ConnectionSearch(MeshKubernetesOptions options, TimeProvider time)
{
    private const string KubeconfigVariable = "KUBECONFIG";

    /// <summary>Of the process; tests have their own.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    public string Home { get; init; } = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);

    /// <exception cref="ConnectionException">There is none, or it cannot be read.</exception>
    public async Task<ConnectionSettings> FindAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(options.Kubeconfig))
        {
            try
            {
                return await FromFilesAsync([options.Kubeconfig], cancellationToken).ConfigureAwait(false);
            }
            catch (ConnectionException fault) when (!fault.IsFinal && !File.Exists(options.Kubeconfig))
            {
                throw new ConnectionException(fault.Message, fault) { IsFinal = true };
            }
        }

        var found = await InClusterSettings.FindAsync(options.ServiceAccountDirectory, Environment, time, cancellationToken).ConfigureAwait(false);
        if (found is not null)
        {
            return found;
        }

        var named = (Environment(KubeconfigVariable) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var standard = Path.Combine(Home, ".kube", "config");
        string[] files = [.. (named.Length > 0 ? named : [standard]).Where(File.Exists)];
        return files.Length > 0 ? await FromFilesAsync(files, cancellationToken).ConfigureAwait(false) : throw new ConnectionException(
            "there is no API server to follow. Looked for: the option Kubeconfig (not set); a pod's service account "
            + $"({InClusterSettings.HostVariable}, {InClusterSettings.PortVariable} and {Path.Combine(options.ServiceAccountDirectory, "token")}); "
            + (named.Length > 0 ? $"the files of {KubeconfigVariable} ({string.Join(", ", named)})" : $"{KubeconfigVariable} (not set); {standard}")) { IsFinal = true };
    }

    private async Task<ConnectionSettings> FromFilesAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var kubeconfig = await Kubeconfig.LoadAsync(files, cancellationToken).ConfigureAwait(false);
        return kubeconfig.Resolve(options.Context, time);
    }
}
