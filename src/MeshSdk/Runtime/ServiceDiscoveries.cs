using MeshSdk.Model;

namespace MeshSdk.Runtime;

/// <summary>Several control planes that load on demand, asked one after the other: the first that a host is not foreign to answers for it.</summary>
internal sealed class ServiceDiscoveries(IReadOnlyList<IServiceDiscovery> all) : IServiceDiscovery
{
    public bool LoadsOnDemand => all.Any(static one => one.LoadsOnDemand);

    public TimeSpan LongestWait => all.Max(static one => one.LongestWait);

    /// <summary>One for all of them; null where there is none.</summary>
    public static IServiceDiscovery? Of(IReadOnlyList<IServiceDiscovery> all) => all switch
    {
        [] => null,
        [var only] => only,
        _ => new ServiceDiscoveries(all),
    };

    public HostDemand Demand(string host)
    {
        for (var i = 0; i < all.Count; i++)
        {
            var demand = all[i].Demand(host);
            if (demand.Knowledge != HostKnowledge.Foreign)
            {
                return demand;
            }
        }

        return new HostDemand(HostKnowledge.Foreign);
    }

    public void Used(IReadOnlyCollection<ServiceId> services)
    {
        foreach (var one in all)
        {
            one.Used(services);
        }
    }
}
