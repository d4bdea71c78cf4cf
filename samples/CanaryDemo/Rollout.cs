using System.Diagnostics;
using CanaryDemo.Identity;
using MeshSdk;

namespace CanaryDemo;

/// <summary>Shifts the traffic from v1 to v2 while calls go on, and changes all certificates under way.</summary>
internal sealed class Rollout(Mesh mesh, Route route, Backends backends, Agent agent, Report report)
{
    private static readonly Weights[] Steps = [new(90, 10), new(50, 50), new(0, 100)];

    // While both versions are called.
    private static readonly Weights Rotates = new(50, 50);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    // Connections retire within a tenth of a certificate's life, at their next request.
    private static readonly TimeSpan LongestRotation = TimeSpan.FromSeconds(40);

    // Each caller may have one call astride either end of a phase, and a phase begins and ends within a period of the split.
    private const int Slack = (2 * Traffic.Callers) + 1;

    /// <returns>Whether every call succeeded and every split held.</returns>
    public async Task<bool> RunAsync(HttpClient client, TimeSpan phase, CancellationToken cancellationToken)
    {
        var holds = true;
        await using var traffic = new Traffic(client, cancellationToken);
        foreach (var weights in Steps)
        {
            var applied = weights == Steps[0] ? TimeSpan.Zero : await ApplyAsync(weights, cancellationToken);
            var tally = traffic.StartTally();
            report.Phase(weights, applied);
            await report.FollowAsync(() => Of(tally, weights), phase, cancellationToken);

            // Calls that are sent while the weights change belong to no phase, but they must not fail either.
            traffic.StartTally();
            await tally.CompleteAsync(cancellationToken);
            var split = Of(tally, weights);
            report.Split(split);
            holds &= split.Holds;
            if (weights == Rotates)
            {
                report.Rotation(agent.Rotate());
                report.Rotated(await UntilAsync(() => backends.AreAllReconnected, LongestRotation, "The new certificates were not in use", cancellationToken));
            }
        }

        await traffic.StopAsync();
        var (requests, failed) = traffic.Total();
        report.Total(requests, failed, "during the rollout");
        return holds && failed == 0;
    }

    private Split Of(Tally tally, Weights weights) => Split.Of(tally.Read(), weights, backends.Pods, Slack);

    /// <returns>How long it took from the request to the API server until the new weights were in force.</returns>
    private async Task<TimeSpan> ApplyAsync(Weights weights, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var revision = mesh.Revision;
        await route.SetWeightsAsync(weights, cancellationToken);
        await UntilAsync(() => mesh.Revision != revision, Longest, $"The weights {weights} were not in force", cancellationToken);
        return Stopwatch.GetElapsedTime(started);
    }

    private static async Task<TimeSpan> UntilAsync(Func<bool> condition, TimeSpan limit, string otherwise, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"{otherwise} after {limit.TotalSeconds} s.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started);
    }
}
