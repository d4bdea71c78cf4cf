using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>Where there is nothing to choose.</summary>
internal sealed class OnlyPicker(EndpointState endpoint, Rotation? rotation) : EndpointPicker
{
    public override Rotation? Rotation => rotation;

    public override EndpointState Pick(ulong hash) => endpoint;

    public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried) => tried.Contains(endpoint) ? null : endpoint;
}
