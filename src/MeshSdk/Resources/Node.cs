namespace MeshSdk.Resources;

/// <summary>A machine of the cluster. Nothing but its labels is read, which say where it stands.</summary>
internal sealed record Node : Resource
{
    public override string Group => "";
    public override string Kind => "Node";
}
