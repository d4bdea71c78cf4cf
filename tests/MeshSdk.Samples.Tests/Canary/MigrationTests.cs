using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CanaryDemo;
using CanaryDemo.Migrating;

namespace MeshSdk.Samples.Tests.Canary;

/// <summary>A fleet that turns from plaintext to STRICT while calls go on.</summary>
public sealed partial class MigrationTests
{
    private static readonly Pod Pod = new("v1", 1, new IPEndPoint(IPAddress.Loopback, 1));

    private readonly CancellationToken _cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;

    [Fact]
    public async Task Every_phase_comes_out_and_no_call_fails()
    {
        await using var demo = new SampleProcess("CanaryDemo", ["--plain", "--migrate", "--seconds", "1"]);

        var exit = await demo.ExitAsync(_cancellation);

        var output = demo.Output;
        Assert.True(exit == 0, $"exit code {exit}\n{output}\n{demo.Errors}");
        Assert.Equal([0, 0, 100, 100, 100], Shares(output, "ok"));
        var turning = Shares(output, @"\d of 5 client pods").ToList();
        Assert.Equal(5, turning.Count);
        Assert.Equal(turning.Order(), turning);
        Assert.Contains("a plaintext caller outside of the mesh: before 5 x 200 OK, ", output, StringComparison.Ordinal);
        Assert.Contains(" later 5 x connection closed\n", output, StringComparison.Ordinal);
        Assert.Matches(@"a stranger, spiffe://cluster\.local/ns/istio-test/sa/stranger: before 20 x 200 OK, \d+ ms later 20 x 403 Forbidden\n", output);
        Assert.Matches(@"\n\d+ calls during the migration, 0 failed\n", output);
        Assert.Single(Versions().Matches(output).Select(static version => version.Value).Distinct());
        Assert.Equal(2, Versions().Count(output));
        Assert.Equal("", demo.Errors.Trim());
        Assert.InRange(output.Split('\n').Length, 20, 32);
    }

    [Fact]
    public async Task A_call_that_is_refused_fails_it()
    {
        using var folder = new TemporaryFolder();
        Copy(folder);
        await ChangeAsync(folder, "authorizationpolicy.yaml", static policy => policy.Replace("/sa/client", "/sa/nobody", StringComparison.Ordinal));
        await using var demo = Migrate(folder);

        var exit = await demo.ExitAsync(_cancellation);

        Assert.True(exit == 1, $"exit code {exit}\n{demo.Output}\n{demo.Errors}");
        Assert.Matches(@"\n   mTLS .* [1-9]\d* failed  off\n   the first that failed: 403 Forbidden", demo.Output);
        Assert.Matches(@"\n\d+ calls during the migration, [1-9]\d* failed\nNot every phase came out as it should\.\n", demo.Output);
    }

    [Fact]
    public async Task A_route_that_is_touched_on_the_way_fails_it_though_no_call_does()
    {
        using var folder = new TemporaryFolder();
        Copy(folder);
        var route = await File.ReadAllTextAsync(Path.Combine(folder.Path, "mesh", "httproute.yaml"), _cancellation);
        var touched = route.Replace("metadata:\n", "metadata:\n  annotations: { touched: by somebody }\n", StringComparison.Ordinal);
        Assert.NotEqual(route, touched);
        await ChangeAsync(folder, "peerauthentication-permissive.yaml", mode => $"{mode}\n---\n{touched}");
        await using var demo = Migrate(folder);

        var exit = await demo.ExitAsync(_cancellation);

        Assert.True(exit == 1, $"exit code {exit}\n{demo.Output}\n{demo.Errors}");
        Assert.DoesNotContain(" off\n", demo.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n\d+ calls during the migration, 0 failed\nNot every phase came out as it should\.\n", demo.Output);
        Assert.Equal(2, Versions().Matches(demo.Output).Select(static version => version.Value).Distinct().Count());
    }

    [Fact]
    public async Task It_has_no_second_terminal()
    {
        await using var demo = new SampleProcess("CanaryDemo", ["--migrate", "--kubeconfig-out", "file"]);

        Assert.Equal(2, await demo.ExitAsync(_cancellation));
        Assert.Equal("--migrate goes without --kubeconfig-out. Try --help.", demo.Errors.Trim());
    }

    [Theory]
    [InlineData(10, 0, 1, true)]
    [InlineData(9, 1, 1, false)]
    [InlineData(0, 10, 0, true)]
    [InlineData(1, 9, 0, false)]
    [InlineData(0, 0, 1, false)]
    [InlineData(0, 0, 0, false)]
    public void A_single_call_that_came_otherwise_spoils_a_phase(int mutual, int plain, double expected, bool holds) =>
        Assert.Equal(holds, StageOf(Pod.Identity, new Arrivals(mutual, plain)).Holds(expected));

    [Theory]
    [InlineData(null, 0, true)]
    [InlineData(null, 1, false)]
    [InlineData("spiffe://cluster.local/ns/istio-test/sa/backend-v2", 1, false)]
    public void With_mutual_tls_it_counts_who_has_answered(string? peer, double expected, bool holds) =>
        Assert.Equal(holds, StageOf(peer, expected == 1 ? new Arrivals(10, 0) : new Arrivals(0, 10)).Holds(expected));

    private static Stage StageOf(string? peer, Arrivals transport) => new(
        Split.Of(new Dictionary<Reply, int> { [new Reply(Pod.Hello, Pod.Address.ToString(), peer)] = 10 }, new Weights(90, 10), [Pod], Stage.Slack), transport);

    private static SampleProcess Migrate(TemporaryFolder folder) => new("CanaryDemo", ["--plain", "--migrate", "--seconds", "1"], folder: folder.Path);

    // The demo applies the manifests beside it: what goes wrong in a fleet is written there.
    private async Task ChangeAsync(TemporaryFolder folder, string manifest, Func<string, string> change)
    {
        var path = Path.Combine(folder.Path, "migration", manifest);
        var before = await File.ReadAllTextAsync(path, _cancellation);
        var after = change(before);
        Assert.NotEqual(before, after);
        await File.WriteAllTextAsync(path, after, _cancellation);
    }

    private static void Copy(TemporaryFolder folder)
    {
        var built = Path.GetDirectoryName(SampleOutput.Of("CanaryDemo"))!;
        foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder.Path, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static IEnumerable<double> Shares(string output, string end) => Regex
        .Matches(output, $@"^   mTLS +(?<share>[\d.]+) %  +\d+ calls: backend-v1 [\d.]+ %, backend-v2 [\d.]+ %, 0 failed  {end}$", RegexOptions.Multiline)
        .Select(static line => double.Parse(line.Groups["share"].ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"HTTPRoute backend-split: backend-v1 90, backend-v2 10 \(uid [0-9a-f-]{36}, resourceVersion \d+\)")]
    private static partial Regex Versions();
}
