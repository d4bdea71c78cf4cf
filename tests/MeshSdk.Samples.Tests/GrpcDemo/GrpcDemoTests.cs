namespace MeshSdk.Samples.Tests.GrpcDemo;

public sealed class GrpcDemoTests
{
    private readonly CancellationToken _cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token;

    [Fact]
    public async Task The_demo_splits_calls_exactly_and_shifts_them_without_a_failure()
    {
        await using var demo = new SampleProcess("GrpcCanary", ["--plain", "--seconds", "1"]);

        var exit = await demo.ExitAsync(_cancellation);

        var output = demo.Output;
        Assert.True(exit == 0, $"exit code {exit}\n{output}\n{demo.Errors}");
        Assert.Matches(@"\n   ok   backend-v1   540 calls, expected 540: \S+ 180  \S+ 180  \S+ 180\n", output);
        Assert.Matches(@"\n   ok   backend-v2    60 calls, expected 60: \S+ 30  \S+ 30\n", output);
        Assert.Contains("600 calls, 0 failed, 600 by mutual TLS: the servers know the caller as spiffe://cluster.local/ns/istio-test/sa/client\n", output, StringComparison.Ordinal);
        Assert.Contains("canary.Greeter/Preview: 40 calls, 0 failed, 40 by backend-v2\n", output, StringComparison.Ordinal);
        Assert.Contains("canary.Greeter/Hello with x-version: v2: 40 calls, 0 failed, 40 by backend-v2\n", output, StringComparison.Ordinal);
        Assert.Contains("200 calls, 0 failed: what it refuses is tried elsewhere\n", output, StringComparison.Ordinal);
        Assert.Contains("it was called 3 times, then ejected", output, StringComparison.Ordinal);
        Assert.Matches(@"\n   weights 50/50, in force \d+ ms after the PATCH\n", output);
        Assert.Matches(@"\n   ok   backend-v1     0 calls, expected 0: ", output);
        Assert.Matches(@"\n   ok   the duplex stream stayed with \S+ of backend-v\d: (\d+) messages, \1 replies\n", output);
        Assert.DoesNotContain("off", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.InRange(output.Trim().Split('\n').Length, 1, 40);
    }

    [Fact]
    public async Task It_ends_at_once_when_it_is_interrupted_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var demo = new SampleProcess(
            "GrpcCanary", ["--plain", "--seconds", "3600"], new Dictionary<string, string> { ["TMPDIR"] = folder.Path });
        await demo.WaitForAsync(static output => output.Contains("weights 90/10, in force", StringComparison.Ordinal) ? output : null, _cancellation);
        Assert.NotEmpty(Directory.GetDirectories(folder.Path, "grpc-canary-*"));

        await demo.InterruptAsync(_cancellation, "INT");

        Assert.Equal(130, await demo.ExitAsync(_cancellation));
        Assert.EndsWith("Stopped.", demo.Errors.TrimEnd(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder.Path, "grpc-canary-*"));
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--seconds")]
    [InlineData("--seconds", "0")]
    [InlineData("--seconds", "long")]
    public async Task Wrong_arguments_are_told_in_one_line(params string[] args)
    {
        await using var demo = new SampleProcess("GrpcCanary", args);

        Assert.Equal(2, await demo.ExitAsync(_cancellation));
        Assert.Equal("", demo.Output.Trim());
        var line = Assert.Single(demo.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(args[0], line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        await using var demo = new SampleProcess("GrpcCanary", ["--help"]);

        Assert.Equal(0, await demo.ExitAsync(_cancellation));
        Assert.All(["--seconds", "--plain", "--help"], option => Assert.Contains(option, demo.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_manifests_pass_lint()
    {
        await using var lint = new SampleProcess(
            SampleOutput.Tool, ["lint", "--manifests", Path.Combine(SampleOutput.Root, "samples", "GrpcCanary", "mesh")]);

        var exit = await lint.ExitAsync(_cancellation);

        Assert.True(exit == 0, $"exit code {exit}\n{lint.Output}\n{lint.Errors}");
        Assert.DoesNotContain("warning", lint.Output, StringComparison.OrdinalIgnoreCase);
    }
}
