using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>
/// The less busy one of two that are drawn at random: nearly as even as looking at all of them, without the herd that runs to the one
/// endpoint that looks idle to everybody.
/// </summary>
internal sealed class LeastRequestPolicy(Random random) : ILoadBalancingPolicy
{
    public EndpointState Pick(ReadOnlySpan<EndpointState> candidates)
    {
        var a = random.Next(candidates.Length);
        var b = random.Next(candidates.Length - 1);
        if (b >= a)
        {
            b++; // steps past a: the two differ, and there is nothing to draw again
        }

        var (first, second) = (candidates[a], candidates[b]);
        return second.ActiveRequests < first.ActiveRequests ? second : first;
    }
}
