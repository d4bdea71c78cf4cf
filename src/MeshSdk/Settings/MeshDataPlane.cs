namespace MeshSdk;

/// <summary>Which data plane of a mesh takes the traffic of this process's pod, beside the one in the process.</summary>
public enum MeshDataPlane
{
    /// <summary>
    /// As the process's own pod says, which is read where its name is known (<see cref="MeshOptions.PodName"/>) and it may be read; else <see cref="None"/>.
    /// Open ports of the machine say nothing of it.
    /// </summary>
    Auto,

    /// <summary>None: the process speaks for itself.</summary>
    None,

    /// <summary>
    /// A sidecar, Istio's or Linkerd's. It routes, balances, retries and encrypts by the same objects, so that every call passes through, as if the mesh
    /// had never been added: what is done once must not be done twice.
    /// </summary>
    Sidecar,

    /// <summary>
    /// The proxy of the node (Istio's ambient mode). It encrypts between pods, so that peers it reaches are spoken to in plaintext; and Services with a waypoint
    /// are called by their cluster address, since the waypoint is where their routes and policies are kept to.
    /// </summary>
    Ambient,
}
