namespace MeshSdk.Model;

/// <summary>
/// Names one port of a service: as a frontend it is what callers dial, as a cluster it is the endpoints behind it.
/// <paramref name="Port"/> is always the service's port, never the endpoints' one.
/// </summary>
internal readonly record struct ClusterId(string Namespace, string Service, int Port)
{
    public ServiceId ServiceId => new(Namespace, Service);

    public override string ToString() => $"{Namespace}/{Service}:{Port}";
}
