using k8s;

namespace MeshSdk.Kubernetes.DependencyInjection;

/// <summary>The namespace that a process belongs to where nobody has said it.</summary>
internal static class KubernetesCaller
{
    /// <summary>
    /// That of the pod's service account, else that of the kubeconfig's context; the other way round where the kubeconfig is named by an option. Null where
    /// neither says one. What is wrong with a kubeconfig is told
    /// by whoever connects with it.
    /// </summary>
    public static string? FindNamespace(MeshKubernetesOptions options)
    {
        try
        {
            // In the order in which the API server is looked for, so that the namespace is one of that server.
            return options.Kubeconfig is null
                ? OfServiceAccount(options.ServiceAccountDirectory) ?? OfKubeconfig(options)
                : OfKubeconfig(options) ?? OfServiceAccount(options.ServiceAccountDirectory);
        }
#pragma warning disable CA1031 // A kubeconfig can be wrong in as many ways as its parser has exceptions.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private static string? OfServiceAccount(string directory)
    {
        var file = Path.Combine(directory, "namespace");
        return File.Exists(file) ? NullIfEmpty(File.ReadAllText(file).Trim()) : null;
    }

    private static string? OfKubeconfig(MeshKubernetesOptions options)
    {
        // Of several files the first that says something counts.
        var files = (options.Kubeconfig ?? Environment.GetEnvironmentVariable("KUBECONFIG") ?? KubernetesClientConfiguration.KubeConfigDefaultLocation)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(File.Exists)
            .Select(static path => KubernetesClientConfiguration.LoadKubeConfig(path))
            .ToList();
        var name = options.Context ?? files.Select(static file => NullIfEmpty(file.CurrentContext)).FirstOrDefault(static context => context is not null);
        return files
            .SelectMany(static file => file.Contexts ?? [])
            .Where(context => context.Name == name)
            .Select(static context => NullIfEmpty(context.ContextDetails?.Namespace))
            .FirstOrDefault();
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
