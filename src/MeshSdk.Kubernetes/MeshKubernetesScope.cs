namespace MeshSdk;

/// <summary>How much of a cluster a mesh follows.</summary>
public enum MeshKubernetesScope
{
    /// <summary>Routes and policies of the namespaces in question; services and their endpoints from the first call on.</summary>
    OnDemand,

    /// <summary>All services of the namespaces in question, from the start.</summary>
    Namespaces,

    /// <summary>All services of all namespaces, from the start. Needs a ClusterRole.</summary>
    Cluster,
}
