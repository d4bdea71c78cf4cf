namespace MeshSdk;

/// <summary>Whether the nodes of the cluster are read: their labels, which say in which region, zone and subzone they stand.</summary>
public enum MeshKubernetesNodes
{
    /// <summary>
    /// The own node, where <see cref="MeshOptions.NodeName"/> is known and <see cref="MeshOptions.Locality"/> is not set; all nodes, where the caller's region is
    /// known or to be found out and a destination rule or Service says something by which the place of endpoints matters. Without the permission to read them
    /// everything works by zones alone, which slices tell.
    /// </summary>
    Auto,

    /// <summary>Never; no permission for nodes is needed.</summary>
    Never,
}
