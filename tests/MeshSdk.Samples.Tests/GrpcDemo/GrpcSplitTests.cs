using System.Net;
using GrpcCanary;
using GrpcCanary.Client;
using GrpcCanary.Server;

namespace MeshSdk.Samples.Tests.GrpcDemo;

/// <summary>The demo judges itself: it has to be able to say no.</summary>
public sealed class GrpcSplitTests
{
    private static readonly GreeterPod[] Pods = [.. new[] { ("v1", 1), ("v1", 2), ("v1", 3), ("v2", 4), ("v2", 5) }
        .Select(pod => new GreeterPod(pod.Item1, pod.Item2, new IPEndPoint(IPAddress.Loopback, pod.Item2)))];

    [Theory]
    [InlineData(true, 6, 6, 6, 1, 1)]
    [InlineData(true, 8, 8, 7, 1, 1)]
    [InlineData(false, 6, 6, 5, 2, 1)]
    [InlineData(false, 7, 6, 6, 1, 0)]
    [InlineData(false, 7, 6, 5, 1, 1)]
    [InlineData(false, 6, 6, 6, 2, 0)]
    public void One_caller_is_divided_to_the_call(bool holds, params int[] calls) =>
        Assert.Equal(holds, Holds(new Weights(90, 10), slack: 0, calls));

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void Slack_is_a_number_of_calls(int off, bool holds) =>
        Assert.Equal(holds, Holds(new Weights(50, 50), slack: 3, 300 + off, 0, 0, 300 - off, 0));

    [Fact]
    public void A_weight_of_zero_knows_no_slack()
    {
        Assert.True(Holds(new Weights(0, 100), slack: 11, 0, 0, 0, 50, 50));
        Assert.False(Holds(new Weights(0, 100), slack: 11, 1, 0, 0, 50, 50));
    }

    [Fact]
    public void What_is_off_once_is_off_in_the_end()
    {
        using var output = new StringWriter();
        var report = new Report(output, isColoured: false);
        report.Finding(false, "not so");
        report.Finding(true, "so");
        report.End();

        Assert.False(report.Holds);
        Assert.Contains("off  not so", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("Not all came out as the manifests promise.", output.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    private static bool Holds(Weights weights, int slack, params int[] calls)
    {
        var tally = new Tally();
        foreach (var (pod, count) in Pods.Zip(calls))
        {
            for (var i = 0; i < count; i++)
            {
                tally.Begin();
                tally.End(new Reply(pod.Version, $"{pod.Address}", null, null));
            }
        }

        return Split.Of(tally, weights, Pods, slack).All(split => split.Holds);
    }
}
