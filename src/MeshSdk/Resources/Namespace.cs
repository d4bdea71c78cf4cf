namespace MeshSdk.Resources;

/// <summary>A namespace of the cluster. Nothing but its labels is read, for the waypoint that the services in it have.</summary>
internal sealed record Namespace : Resource
{
    public override string Group => "";
    public override string Kind => "Namespace";
}
