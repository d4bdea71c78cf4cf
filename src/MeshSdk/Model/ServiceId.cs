namespace MeshSdk.Model;

/// <summary>Names a service of the mesh.</summary>
internal readonly record struct ServiceId(string Namespace, string Name)
{
    public override string ToString() => $"{Namespace}/{Name}";
}
