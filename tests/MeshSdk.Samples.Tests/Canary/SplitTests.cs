using System.Net;
using CanaryDemo;

namespace MeshSdk.Samples.Tests.Canary;

/// <summary>The demo judges itself: it has to be able to say no.</summary>
public sealed class SplitTests
{
    private static readonly Pod[] Pods = [.. new[] { ("v1", 1), ("v1", 2), ("v1", 3), ("v2", 4), ("v2", 5) }
        .Select(pod => new Pod(pod.Item1, pod.Item2, new IPEndPoint(IPAddress.Loopback, pod.Item2)))];

    [Fact]
    public void Eighteen_to_two_by_turns_holds()
    {
        var split = SplitOf(new Weights(90, 10), slack: 0, 6, 6, 6, 1, 1);

        Assert.True(split.Holds);
        Assert.Equal(20, split.Requests);
        Assert.Equal(["18", "6", "6", "6", "2", "1", "1"], split.Rows.Select(row => row.Expected));
    }

    [Theory]
    [InlineData(6, 6, 5, 2, 1)]
    [InlineData(7, 6, 6, 1, 0)]
    public void One_call_on_the_wrong_version_does_not_hold(params int[] calls) =>
        Assert.False(SplitOf(new Weights(90, 10), slack: 0, calls).Holds);

    [Theory]
    [InlineData(7, 6, 5, 1, 1)]
    [InlineData(6, 6, 6, 2, 0)]
    public void An_endpoint_out_of_turn_does_not_hold(params int[] calls) =>
        Assert.False(SplitOf(new Weights(90, 10), slack: 0, calls).Holds);

    [Theory]
    [InlineData(8, 8, 7, 1, 1)]
    [InlineData(8, 7, 7, 2, 1)]
    public void A_started_period_may_go_either_way(params int[] calls) =>
        Assert.True(SplitOf(new Weights(90, 10), slack: 0, calls).Holds);

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void Slack_is_a_number_of_calls(int off, bool holds)
    {
        var half = 300 + off;
        Assert.Equal(holds, SplitOf(new Weights(50, 50), slack: 3, half / 3, (half + 1) / 3, (half + 2) / 3, (600 - half) / 2, (601 - half) / 2).Holds);
    }

    [Fact]
    public void A_weight_of_zero_knows_no_slack()
    {
        Assert.True(SplitOf(new Weights(0, 100), slack: 11, 0, 0, 0, 50, 50).Holds);
        Assert.False(SplitOf(new Weights(0, 100), slack: 11, 1, 0, 0, 50, 50).Holds);
    }

    [Fact]
    public void A_failed_call_does_not_hold_and_is_told()
    {
        var replies = Replies(54, 54, 54, 9, 9);
        replies[new Reply("503 no usable endpoint\n", null, null)] = 1;

        var split = Split.Of(replies, new Weights(90, 10), Pods, slack: 11);

        Assert.False(split.Holds);
        Assert.Equal((1, "503 no usable endpoint"), (split.Failed, split.Problem));
    }

    [Theory]
    [InlineData("spiffe://cluster.local/ns/istio-test/sa/backend-v2", "spiffe://cluster.local/ns/istio-test/sa/backend-v2")]
    [InlineData(null, "nobody: plaintext")]
    public void A_server_that_is_somebody_else_does_not_hold_and_is_shown(string? peer, string shown)
    {
        var replies = Replies(5, 6, 6, 1, 1);
        replies[new Reply(Pods[0].Hello, Pods[0].Address.ToString(), peer)] = 1;

        var split = Split.Of(replies, new Weights(90, 10), Pods, slack: 0);

        Assert.False(split.Holds);
        Assert.Contains(shown, split.Rows[0].Peers);
    }

    [Fact]
    public void No_calls_prove_nothing() => Assert.False(SplitOf(new Weights(90, 10), slack: 0, 0, 0, 0, 0, 0).Holds);

    private static Split SplitOf(Weights weights, int slack, params int[] calls) => Split.Of(Replies(calls), weights, Pods, slack);

    private static Dictionary<Reply, int> Replies(params int[] calls) =>
        Pods.Zip(calls).ToDictionary(pair => new Reply(pair.First.Hello, pair.First.Address.ToString(), pair.First.Identity), pair => pair.Second);
}
