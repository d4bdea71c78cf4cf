using MeshSdk.Model;

namespace MeshSdk.LoadBalancing.Priorities;

/// <summary>Endpoints of one priority that the policy chooses from at once: all of them, or those of one locality.</summary>
internal sealed class HostPart
{
    private readonly ILoadBalancingPolicy _policy;
    private EndpointPicker? _picker;

    /// <param name="locality">Null for all localities together.</param>
    /// <param name="hosts">At least one.</param>
    /// <param name="policy">Chooses.</param>
    /// <param name="previous">The same part as it was under the same policy; null where there was none.</param>
    public HostPart(Locality? locality, HostGroup hosts, ILoadBalancingPolicy policy, HostPart? previous)
    {
        (Locality, Hosts, _policy) = (locality, hosts, policy);
        if (previous is not null && HostGroup.AreSame(previous.Hosts, hosts))
        {
            _picker = previous._picker;
        }
        else if (policy.Hash is null)
        {
            // It knows where the one before it was. Tables have nothing to hand on, and may be large: they are made when they are needed.
            _picker = policy.Over(hosts, previous?._picker);
        }
    }

    public Locality? Locality { get; }

    public HostGroup Hosts { get; }

    // Two threads that come at once may both make one; either will do.
    public EndpointPicker Picker => Volatile.Read(ref _picker) ?? (_picker = _policy.Over(Hosts, null));
}
