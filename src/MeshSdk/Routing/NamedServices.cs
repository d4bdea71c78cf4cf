using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>
/// The services that the configuration names: those in force, aliases, and what routes lead to, whether it exists or not. A caller can make up any
/// number of names; of these there are only so many.
/// </summary>
internal sealed class NamedServices(Func<MeshSnapshot> inForce)
{
    private volatile Names _names = new(MeshSnapshot.Empty);

    /// <summary>Gathers the names anew where the configuration has changed since the last time; in between it is one look into a set.</summary>
    public bool Contains(ServiceId id)
    {
        var snapshot = inForce();
        var names = _names;
        if (!ReferenceEquals(names.Snapshot, snapshot))
        {
            _names = names = new Names(snapshot);
        }

        return names.Contains(id);
    }

    private sealed class Names(MeshSnapshot snapshot)
    {
        private readonly HashSet<ServiceId> _referenced =
        [
            .. from service in snapshot.Services.Values
               from frontend in service.Frontends
               from rule in frontend.Routes.Rules
               from backend in rule.Backends.Backends
               select backend.Cluster.ServiceId,
        ];

        public MeshSnapshot Snapshot => snapshot;

        public bool Contains(ServiceId id) =>
            snapshot.Services.ContainsKey(id) || snapshot.ExternalServices.Contains(id) || _referenced.Contains(id);
    }
}
