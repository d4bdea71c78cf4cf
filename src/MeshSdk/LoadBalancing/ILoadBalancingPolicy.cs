using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>
/// How endpoints are chosen. Stays in place while the endpoints change, and may keep state of its own from one set of them to the next.
/// </summary>
internal interface ILoadBalancingPolicy
{
    /// <param name="endpoints">At least one, never changed afterwards.</param>
    IEndpointPicker Over(EndpointState[] endpoints);
}
