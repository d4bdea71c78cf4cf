using MeshSdk.Tool.CommandLine;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Finds the API server where a command line names no manifests: the file it names, else as kubectl would, else the pod's own.</summary>
internal static class LiveClusterDetection
{
    public const string FilesVariable = "KUBECONFIG";

    /// <exception cref="UsageException">There is none, or what is there cannot be read; the message says what was tried.</exception>
    public static LiveCluster Find(string? kubeconfig, string? context, ToolEnvironment environment)
    {
        if (kubeconfig is not null)
        {
            return File.Exists(kubeconfig)
                ? Read([kubeconfig], context, isExplicit: true)
                : throw new UsageException($"--kubeconfig '{kubeconfig}': there is no such file");
        }

        if (environment.Variable(FilesVariable) is { Length: > 0 } list)
        {
            // As kubectl does: those of the list that are not there are passed over.
            string[] files = [.. list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(File.Exists)];
            return files.Length > 0
                ? Read(files, context, isExplicit: files.Length == 1)
                : throw new UsageException($"{FilesVariable} names '{list}', which is not there");
        }

        var home = Path.Combine(environment.Home, ".kube", "config");
        if (File.Exists(home))
        {
            return Read([home], context, isExplicit: true);
        }

        return InCluster(context, environment) ?? throw new UsageException(
            $"no configuration: give --manifests or --kubeconfig; tried {FilesVariable} (not set), {home} (not there), a pod's service account (none)");
    }

    private static LiveCluster Read(string[] files, string? context, bool isExplicit)
    {
        var contexts = KubeconfigContexts.Read(files);
        var chosen = contexts.Choose(context);
        return new LiveCluster(
            $"kubeconfig {contexts.Description}, context {chosen.Name}",
            isExplicit ? files[0] : null,
            context,
            chosen.Namespace ?? "default");
    }

    private static LiveCluster? InCluster(string? context, ToolEnvironment environment)
    {
        if (environment.Variable("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host
            || !File.Exists(Path.Combine(environment.ServiceAccountDirectory, "token")))
        {
            return null;
        }

        return context is null
            ? new LiveCluster(
                $"the pod's service account, server {host}",
                Kubeconfig: null,
                Context: null,
                NamespaceIn(environment.ServiceAccountDirectory),
                environment.ServiceAccountDirectory)
            : throw new UsageException($"--context '{context}': there is no kubeconfig file, and a pod's service account has no contexts");
    }

    private static string? NamespaceIn(string directory)
    {
        var file = Path.Combine(directory, "namespace");
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } ns ? ns : null;
    }
}
