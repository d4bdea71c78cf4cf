using System.Globalization;
using Grpc.Core;
using GrpcCanary.Client;
using GrpcCanary.Protos;
using GrpcCanary.Server;

namespace GrpcCanary.Steps;

/// <summary>Shifts the traffic from v1 to v2 by patches of the route while calls go on, and a duplex stream with them.</summary>
internal sealed class Rollout(Greeter.GreeterClient greeter, Route route, IReadOnlyList<GreeterPod> pods, Report report)
{
    private static readonly Weights[] Steps = [new(90, 10), new(50, 50), new(0, 100)];

    // Each caller may have one call astride either end of a phase, and a phase begins and ends within a period of the split.
    private const int Slack = (2 * Traffic.Callers) + 1;

    public async Task RunAsync(TimeSpan phase, CancellationToken cancellationToken)
    {
        report.Step($"A rollout by PATCH of the GRPCRoute, {Traffic.CallsPerSecond} calls a second by {Traffic.Callers} callers, and one duplex stream");
        await using var conversation = new Conversation(greeter, cancellationToken);
        await using var traffic = new Traffic(greeter, cancellationToken);
        foreach (var weights in Steps)
        {
            var applied = await route.SetWeightsAsync(weights, cancellationToken);
            report.Line(string.Create(CultureInfo.InvariantCulture, $"   weights {weights}, in force {applied.TotalMilliseconds:0} ms after the PATCH"));
            var tally = traffic.StartTally();
            await Task.Delay(phase, cancellationToken);

            // Calls that are made while the weights change belong to no phase, but they must not fail either.
            traffic.StartTally();
            await tally.CompleteAsync(cancellationToken);
            foreach (var split in Split.Of(tally, weights, pods, Slack))
            {
                report.Finding(split.Holds, $"{split}");
            }
        }

        await traffic.StopAsync();
        var total = traffic.Total;
        report.Finding(total is { Calls: > 0, Failed: 0 }, total.Summary);
        await ShowAsync(conversation);
    }

    private async Task ShowAsync(Conversation conversation)
    {
        try
        {
            var partners = await conversation.EndAsync();
            report.Finding(
                partners.Count == 1 && conversation.Sent == conversation.Received,
                $"the duplex stream stayed with {string.Join(" and ", partners)}: {conversation.Sent} messages, {conversation.Received} replies");
        }
        catch (RpcException e)
        {
            report.Finding(false, $"the duplex stream broke off with {e.StatusCode}: {e.Status.Detail}");
        }
    }
}
