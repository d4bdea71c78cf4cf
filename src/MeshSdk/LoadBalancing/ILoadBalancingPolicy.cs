using MeshSdk.LoadBalancing.Hashing;

namespace MeshSdk.LoadBalancing;

/// <summary>How endpoints are chosen. Stays in place while the endpoints change.</summary>
internal interface ILoadBalancingPolicy
{
    /// <summary>
    /// Null for policies that do not hash. Those that do choose the priority by the hash too, and see all localities at once, with their weights worked
    /// into those of the endpoints: a key must not move because another request went to another locality.
    /// </summary>
    RequestHash? Hash => null;

    /// <param name="hosts">At least one.</param>
    /// <param name="previous">What this policy made for the same priority and locality before; null where there was nothing.</param>
    EndpointPicker Over(HostGroup hosts, EndpointPicker? previous);
}
