using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>Chooses among the endpoints that it was made for. For many threads at once.</summary>
internal interface IEndpointPicker
{
    EndpointState Pick(in PickContext context);
}
