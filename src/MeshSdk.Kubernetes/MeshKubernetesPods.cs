namespace MeshSdk;

/// <summary>Whether the pods behind endpoints are read: their labels, service accounts and workloads, which endpoints do not tell.</summary>
public enum MeshKubernetesPods
{
    /// <summary>
    /// Where a destination rule of the service needs them: for subsets, to know whom mutual TLS is spoken with, or for a <c>failoverPriority</c> by labels that
    /// nodes do not have. The own pod, too, where the environment variable <c>POD_NAME</c> names it and <see cref="MeshOptions.Locality"/> is not set.
    /// </summary>
    Auto,

    /// <summary>For every service that is followed and has a selector.</summary>
    Always,

    /// <summary>Never; no permission for pods is needed. Subsets and the identities of mutual TLS are then not known.</summary>
    Never,
}
