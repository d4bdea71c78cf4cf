namespace MeshSdk.Testing;

/// <summary>What a pod that stands for a local server says of itself, beyond its name, labels and address.</summary>
public sealed class LocalPodOptions
{
    /// <summary>
    /// The Deployment that the pod seems to belong to; null: none. The pod is then owned by a ReplicaSet <c>WORKLOAD-HASH</c>, as on a cluster.
    /// </summary>
    public string? Workload { get; set; }

    /// <summary>The ServiceAccount that the pod runs as: its identity in the mesh.</summary>
    public string ServiceAccountName { get; set; } = "default";

    /// <summary>
    /// The Node that the pod runs on; null: none, or <c>node-ZONE</c> where a zone is given. It is made where there is none of the name.
    /// </summary>
    public string? NodeName { get; set; }

    /// <summary>The zone of the Node, which becomes that of the endpoints on it; null: as the Node has it.</summary>
    public string? Zone { get; set; }

    /// <summary>The region of the Node; null: as the Node has it.</summary>
    public string? Region { get; set; }

    /// <summary>The name of the container's port, for a Service whose <c>targetPort</c> is a name; null: it has none.</summary>
    public string? PortName { get; set; }

    /// <summary>
    /// Further ports of the container, by the number that a Service's <c>targetPort</c> has, each with the port on which a process of this machine
    /// listens at the server's address.
    /// </summary>
    public IDictionary<int, int> AdditionalPorts { get; } = new Dictionary<int, int>();

    /// <summary>Annotations of the pod.</summary>
    public IDictionary<string, string> Annotations { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the pod is ready from the start. Default: true.</summary>
    public bool Ready { get; set; } = true;
}
