using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>
/// Chooses one endpoint among those that may be used. A policy is never asked about fewer than two: its caller deals with none and one. It may
/// keep state of its own; it stays in place when the endpoints change.
/// </summary>
internal interface ILoadBalancingPolicy
{
    EndpointState Pick(ReadOnlySpan<EndpointState> candidates);
}
