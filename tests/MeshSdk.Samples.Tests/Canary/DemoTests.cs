using System.Text.RegularExpressions;

namespace MeshSdk.Samples.Tests.Canary;

public sealed partial class DemoTests
{
    private readonly CancellationToken _cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;

    [Fact]
    public async Task The_demo_splits_20_calls_18_to_2_and_shifts_the_rest_without_a_failure()
    {
        await using var demo = new SampleProcess("CanaryDemo", ["--plain", "--seconds", "1"]);

        var exit = await demo.ExitAsync(_cancellation);

        var output = demo.Output;
        Assert.True(exit == 0, $"exit code {exit}\n{output}\n{demo.Errors}");
        Assert.Equal(18, Lines(output, "hello from backend v1"));
        Assert.Equal(2, Lines(output, "hello from backend v2"));
        Assert.Equal(["18", "2", "90", "10", "50", "50", "0", "100"], [.. FirstCounts(output), .. Weights(output).Skip(2)]);
        Assert.Matches(@"\n\d+ calls during the rollout, 0 failed\n", output);
        Assert.Equal(2, Regex.Count(output, @"PATCH of the HTTPRoute, in force \d+ ms later"));
        Assert.All(["v1", "v2"], version => Assert.Matches($@"\n\| backend-{version} .*\| spiffe://cluster\.local/ns/istio-test/sa/backend-{version} +\| ok \|\n", output));
        Assert.Matches(@"\nCertificates: new ones for 6 workloads, calls go on\nevery backend is called over a connection that was made with them \d+\.\d s later\n", output);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task Another_number_of_requests_is_split_as_exactly()
    {
        await using var demo = new SampleProcess("CanaryDemo", ["--plain", "--seconds", "1", "--requests", "50"]);

        Assert.Equal(0, await demo.ExitAsync(_cancellation));
        Assert.Equal(45, Lines(demo.Output, "hello from backend v1"));
        Assert.Equal(5, Lines(demo.Output, "hello from backend v2"));
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--requests")]
    [InlineData("--requests", "many")]
    [InlineData("--seconds", "0")]
    [InlineData("--kubeconfig-out")]
    [InlineData("--kubeconfig-out", "--plain")]
    public async Task Wrong_arguments_are_told_in_one_line(params string[] args)
    {
        await using var demo = new SampleProcess("CanaryDemo", args);

        Assert.Equal(2, await demo.ExitAsync(_cancellation));
        Assert.Equal("", demo.Output.Trim());
        var line = Assert.Single(demo.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(args[0], line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        await using var demo = new SampleProcess("CanaryDemo", ["--help"]);

        Assert.Equal(0, await demo.ExitAsync(_cancellation));
        Assert.All(["--requests", "--seconds", "--migrate", "--kubeconfig-out", "--plain", "--help"], option => Assert.Contains(option, demo.Output, StringComparison.Ordinal));
    }

    private static int Lines(string output, string line) => output.Split('\n').Count(l => l == line);

    private static IEnumerable<string> FirstCounts(string output) => ServiceRow().Matches(output).Take(2).Select(row => row.Groups["calls"].Value);

    private static IEnumerable<string> Weights(string output) => ServiceRow().Matches(output).Select(row => row.Groups["weight"].Value);

    [GeneratedRegex(@"\| backend-v\d +\| +(?<weight>\d+) \| +(?<calls>\d+) \|")]
    private static partial Regex ServiceRow();
}
