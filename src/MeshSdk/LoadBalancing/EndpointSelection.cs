using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>
/// Which endpoints of a cluster requests go to, at one moment. Made anew whenever the endpoints, their health or the policy change; a pick only reads it.
/// </summary>
internal sealed class EndpointSelection
{
    private readonly ILoadBalancingPolicy _policy;
    private readonly IEndpointPicker? _picker;

    private EndpointSelection(EndpointState[] usable, ILoadBalancingPolicy policy)
    {
        Usable = usable;
        _policy = policy;
        _picker = usable.Length switch
        {
            0 => null,
            1 => new OnlyPicker(usable[0]),
            _ => policy.Over(usable),
        };
    }

    /// <summary>Those that requests may go to.</summary>
    public EndpointState[] Usable { get; }

    /// <param name="all">In the order of the model.</param>
    public static EndpointSelection Of(EndpointState[] all, ILoadBalancingPolicy policy)
    {
        // Ready ones; where there is none, those that are shutting down but still serve.
        var ready = Of(EndpointHealth.Ready);
        return new EndpointSelection(ready.Length > 0 ? ready : Of(EndpointHealth.Terminating), policy);

        EndpointState[] Of(EndpointHealth health) => Array.FindAll(all, e => e.Model.Health == health && !e.IsEjected && !e.Model.IsExcluded);
    }

    /// <summary>Chooses an endpoint; one that was not tried yet, where there is one.</summary>
    /// <returns>Null where none can be used.</returns>
    public EndpointState? Pick(in PickContext context)
    {
        if (context.Tried is not { } tried)
        {
            return _picker?.Pick(context);
        }

        var fresh = Array.FindAll(Usable, e => !tried.Contains(e));
        return fresh.Length switch
        {
            0 => _picker?.Pick(context),
            1 => fresh[0],
            _ => _policy.Over(fresh).Pick(context),
        };
    }
}
