using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>Where there is nothing to choose.</summary>
internal sealed class OnlyPicker(EndpointState endpoint) : IEndpointPicker
{
    public EndpointState Pick(in PickContext context) => endpoint;
}
