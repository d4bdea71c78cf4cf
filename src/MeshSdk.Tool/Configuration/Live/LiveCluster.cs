namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Which API server a command line means.</summary>
/// <param name="Description">For people: what was chosen, as in <c>kubeconfig /home/me/.kube/config, context kind</c>.</param>
/// <param name="Kubeconfig">The file; null where the library finds it the same way: several files in <c>KUBECONFIG</c>, or a pod's service account.</param>
/// <param name="Context">Null: the current one.</param>
/// <param name="Namespace">The namespace of the context; null in a pod, whose own one counts.</param>
internal sealed record LiveCluster(string Description, string? Kubeconfig, string? Context, string? Namespace)
{
    /// <summary>The library's options for all of the given namespaces; null: for the whole cluster.</summary>
    public MeshKubernetesOptions ToOptions(IReadOnlyCollection<string>? namespaces) => new()
    {
        Kubeconfig = Kubeconfig,
        Context = Context,
        Scope = namespaces is null ? MeshKubernetesScope.Cluster : MeshKubernetesScope.Namespaces,
        Namespaces = [.. namespaces ?? []],
    };
}
