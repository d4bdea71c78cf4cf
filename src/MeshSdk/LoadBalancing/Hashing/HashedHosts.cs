namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>What a <see cref="HashTable"/> is made of.</summary>
/// <param name="Keys">What endpoints are placed by: <c>ip:port</c>, IPv6 addresses in brackets, as Envoy prints them.</param>
/// <param name="Weights">The share of each; they come to 1, or to less where a locality has no endpoint for its share.</param>
internal readonly record struct HashedHosts(string[] Keys, double[] Weights)
{
    public static HashedHosts Of(HostGroup hosts)
    {
        var keys = Array.ConvertAll(hosts.Endpoints, static e => e.Name);
        var weights = new double[keys.Length];
        if (hosts.Weights is null)
        {
            Array.Fill(weights, 1.0 / keys.Length);
        }
        else
        {
            hosts.Weights.CopyTo(weights, 0);
        }

        return new HashedHosts(keys, weights);
    }
}
