using MeshSdk.Conformance.Cases;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Shares of traffic, counted over as many calls as upstream counts.</summary>
internal static class Splits
{
    private const int Calls = 500;
    private const double Tolerance = 0.05;

    // A stratified split is exact for whole periods; a window that begins inside of one is off by as many at each end.
    private const int Exact = 2;

    public static Case Http(string url, params (string Pod, int Percent)[] shares) => Of(Call.Get(url), shares);

    public static Case Grpc(string url, params (string Pod, int Percent)[] shares) => Of(Call.Grpc(url), shares);

    private static Case Of(Call call, (string Pod, int Percent)[] shares) => Case.That(
        $"{call} ×{Calls} → {string.Join(" ", shares.Select(static share => $"{share.Pod} {share.Percent} %"))}",
        async run =>
        {
            // The endpoints of all backends have to be there before shares mean anything.
            await run.ConvergeAsync(async () => await run.SendAsync(call) is var answer && answer is { Status: 200, GrpcStatus: null or 0 } ? null : $"{answer}");
            var tally = await run.TallyAsync(call, Calls);
            Assert.Equal(shares.Select(static share => share.Pod).Order(StringComparer.Ordinal), tally.Keys);
            foreach (var (pod, percent) in shares)
            {
                Assert.InRange(tally[pod] / (double)Calls, (percent / 100.0) - Tolerance, (percent / 100.0) + Tolerance);
                Assert.InRange(tally[pod], (Calls * percent / 100) - Exact, (Calls * percent / 100) + Exact);
            }
        });
}
