using GrpcCanary.Client;
using GrpcCanary.Server;

namespace GrpcCanary;

/// <summary>How the calls to one version were divided, beside what its weight promises.</summary>
/// <remarks>
/// The mesh does not throw dice. Each period of a split holds exactly its shares (90/10: nine and one of every ten calls), and endpoints take turns. So calls
/// that one caller makes from the first on are divided exactly. Where several call at once, some calls at either end of a stretch fall to it by their place
/// among all calls and to its neighbour by the clock, or the other way round: that is the slack. A weight of zero knows none.
/// </remarks>
internal sealed record Split(string Version, int Calls, int Least, int Most, IReadOnlyList<(string Address, int Calls)> Endpoints, bool TakesTurns)
{
    public bool Holds => Calls >= Least && Calls <= Most && (!TakesTurns || Endpoints.Max(e => e.Calls) - Endpoints.Min(e => e.Calls) <= 1);

    /// <param name="tally">What was called.</param>
    /// <param name="weights">What the route said meanwhile.</param>
    /// <param name="pods">All that there are.</param>
    /// <param name="slack">How many calls may be missing or too many; 0 where one caller made them all, and then endpoints are looked at too.</param>
    public static IReadOnlyList<Split> Of(Tally tally, Weights weights, IReadOnlyList<GreeterPod> pods, int slack)
    {
        var succeeded = tally.Calls - tally.Failed;
        return [.. pods.GroupBy(pod => pod.Version).Select(version =>
        {
            var expected = (double)succeeded * weights.Of(version.Key) / weights.Total;
            var allowed = weights.V1 == 0 || weights.V2 == 0 ? 0 : slack;
            return new Split(
                version.Key,
                tally.Count(reply => reply.Version == version.Key),
                (int)Math.Floor(expected) - allowed,
                (int)Math.Ceiling(expected) + allowed,
                [.. version.Select(pod => ($"{pod.Address}", tally.Count(reply => reply.Address == $"{pod.Address}")))],
                TakesTurns: slack == 0);
        })];
    }

    public override string ToString()
    {
        var expected = Least == Most ? $"{Least}" : $"{Math.Max(0, Least)} to {Most}";
        return $"backend-{Version}  {Calls,4} calls, expected {expected}: {string.Join("  ", Endpoints.Select(endpoint => $"{endpoint.Address} {endpoint.Calls}"))}";
    }
}
