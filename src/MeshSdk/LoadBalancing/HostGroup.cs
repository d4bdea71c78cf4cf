using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing;

/// <summary>Endpoints among which a policy chooses, and what each is to get.</summary>
/// <param name="Endpoints">In the order of the model; never changed.</param>
/// <param name="Weights">In proportion to one another, all positive; null where they are equal.</param>
internal sealed record HostGroup(EndpointState[] Endpoints, double[]? Weights)
{
    public static HostGroup Of(EndpointState[] endpoints)
    {
        var first = WeightOf(endpoints[0]);
        return new HostGroup(endpoints, Array.TrueForAll(endpoints, e => WeightOf(e) == first) ? null : Array.ConvertAll(endpoints, WeightOf));
    }

    /// <summary>Whether what was made for one group does for another.</summary>
    public static bool AreSame(HostGroup a, HostGroup b) =>
        a.Endpoints.AsSpan().SequenceEqual(b.Endpoints) && a.Weights.AsSpan().SequenceEqual(b.Weights);

    // Control planes do not send 0; one that does must not bring a division by it.
    private static double WeightOf(EndpointState endpoint) => Math.Max(1, endpoint.Model.Weight);
}
