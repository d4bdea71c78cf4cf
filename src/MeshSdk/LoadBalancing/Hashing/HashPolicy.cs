using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>Sends what has the same hash to the same endpoint, for as long as that is there.</summary>
/// <param name="hash">What of a request is hashed.</param>
/// <param name="build">Makes the table in which hashes are looked up.</param>
internal sealed class HashPolicy(RequestHash hash, Func<HashedHosts, HashTable> build) : ILoadBalancingPolicy
{
    public RequestHash Hash => hash;

    public EndpointPicker Over(HostGroup hosts, EndpointPicker? previous) =>
        hosts.Endpoints.Length == 1 ? new OnlyPicker(hosts.Endpoints[0], null) : new Picker(hosts.Endpoints, build(HashedHosts.Of(hosts)));

    private sealed class Picker(EndpointState[] endpoints, HashTable table) : EndpointPicker
    {
        public override EndpointState Pick(ulong hash) => endpoints[table.Find(hash, 0)];

        // The next one by the table, and not any one: all clients then turn to the same.
        public override EndpointState? PickOther(ulong hash, IReadOnlyList<EndpointState> tried)
        {
            if (Array.TrueForAll(endpoints, tried.Contains))
            {
                return null;
            }

            for (var attempt = 0; attempt < table.Attempts; attempt++)
            {
                var endpoint = endpoints[table.Find(hash, attempt)];
                if (!tried.Contains(endpoint))
                {
                    return endpoint;
                }
            }

            return Array.Find(endpoints, e => !tried.Contains(e));
        }
    }
}
