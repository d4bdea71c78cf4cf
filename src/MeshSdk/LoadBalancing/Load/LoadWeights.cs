using System.Buffers;
using MeshSdk.LoadBalancing.Weights;

namespace MeshSdk.LoadBalancing.Load;

/// <summary>What each endpoint of a group gets at one moment.</summary>
/// <param name="hosts">The group. The weights that it states count where those of reports do not.</param>
/// <param name="warmUp">How endpoints that are new get less; null: they do not.</param>
internal sealed class LoadWeights(HostGroup hosts, WarmUp? warmUp)
{
    // Asked for once: the cluster gives its endpoints their sinks before it makes pickers, and takes them back with the policy.
    private readonly EndpointLoad?[] _loads = Array.ConvertAll(hosts.Endpoints, static endpoint => endpoint.Loads as EndpointLoad);

    /// <param name="now">A timestamp of the cluster's clock.</param>
    public StrideSchedule ScheduleAt(long now)
    {
        var rented = ArrayPool<double>.Shared.Rent(_loads.Length);
        var weights = rented.AsSpan(0, _loads.Length);
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = _loads[i]?.At(now).Value ?? 0;
        }

        if (!TryComplete(weights))
        {
            Restate(weights);
        }

        for (var i = 0; warmUp is not null && i < weights.Length; i++)
        {
            weights[i] *= warmUp.Factor(hosts.Endpoints[i], now);
        }

        var schedule = StrideSchedule.Of(weights);
        ArrayPool<double>.Shared.Return(rented);
        return schedule;
    }

    /// <summary>An endpoint of which nothing is known gets as much as the others have on the average.</summary>
    /// <returns>False where fewer than two are known, from which the others cannot be told.</returns>
    public static bool TryComplete(Span<double> weights)
    {
        var known = 0;
        double sum = 0;
        foreach (var weight in weights)
        {
            known += weight > 0 ? 1 : 0;
            sum += weight;
        }

        if (known < 2)
        {
            return false;
        }

        foreach (ref var weight in weights)
        {
            weight = weight > 0 ? weight : sum / known;
        }

        return true;
    }

    private void Restate(Span<double> weights)
    {
        if (hosts.Weights is { } stated)
        {
            stated.CopyTo(weights);
        }
        else
        {
            weights.Fill(1);
        }
    }
}
