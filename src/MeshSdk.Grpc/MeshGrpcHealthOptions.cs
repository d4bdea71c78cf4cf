namespace MeshSdk;

/// <summary>How endpoints are asked whether they serve, by the gRPC health checking protocol (<c>grpc.health.v1.Health/Watch</c>).</summary>
public sealed class MeshGrpcHealthOptions
{
    /// <summary>The name that is asked for where <see cref="Services"/> has none. Default empty: the server as a whole.</summary>
    public string Service { get; set; } = "";

    /// <summary>The names that are asked for, by the Kubernetes Service whose endpoints they are, written <c>namespace/name</c>. Default none.</summary>
    public IDictionary<string, string> Services { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
