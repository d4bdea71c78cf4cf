using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Weights;

/// <summary>Weights that depend on the moment.</summary>
/// <param name="Fixed">What they begin with; null: 1 for each.</param>
/// <param name="CountsRequests">Divides by the requests under way, and one more.</param>
/// <param name="Ramp">How endpoints that are new get less; null: they do not.</param>
internal sealed record MovingWeights(double[]? Fixed, bool CountsRequests, WarmUp? Ramp = null)
{
    public double Of(int index, EndpointState endpoint, long now)
    {
        var weight = Fixed is null ? 1 : Fixed[index];
        if (CountsRequests)
        {
            weight /= endpoint.ActiveRequests + 1;
        }

        return Ramp is null ? weight : weight * Ramp.Factor(endpoint, now);
    }

    public long Now() => Ramp?.Now() ?? 0;
}
