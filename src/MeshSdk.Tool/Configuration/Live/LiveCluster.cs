namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Which API server a command line means.</summary>
/// <param name="Description">For people: what was chosen, as in <c>kubeconfig /home/me/.kube/config, context kind</c>.</param>
/// <param name="Kubeconfig">The file; null where the library finds it the same way: several files in <c>KUBECONFIG</c>, or a pod's service account.</param>
/// <param name="Context">Null: the current one.</param>
/// <param name="Namespace">The namespace of the context, or the pod's own; null where it states none.</param>
/// <param name="ServiceAccountDirectory">Where a pod finds its account; null where kubeconfig files are meant.</param>
internal sealed record LiveCluster(string Description, string? Kubeconfig, string? Context, string? Namespace, string? ServiceAccountDirectory = null)
{
    /// <summary>The library's options for all of the given namespaces; null: for the whole cluster.</summary>
    /// <param name="grants">Whether ReferenceGrants count.</param>
    public MeshKubernetesOptions ToOptions(IReadOnlyCollection<string>? namespaces, MeshReferenceGrants grants = MeshReferenceGrants.Ignore)
    {
        var options = new MeshKubernetesOptions
        {
            Kubeconfig = Kubeconfig,
            Context = Context,
            Scope = namespaces is null ? MeshKubernetesScope.Cluster : MeshKubernetesScope.Namespaces,
            Namespaces = [.. namespaces ?? []],

            FollowsGrants = grants == MeshReferenceGrants.Enforce,
        };
        options.ServiceAccountDirectory = ServiceAccountDirectory ?? options.ServiceAccountDirectory;
        return options;
    }
}
