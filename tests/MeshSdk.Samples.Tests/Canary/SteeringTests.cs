using System.Text.RegularExpressions;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Samples.Tests.Canary;

/// <summary>The demo, steered from outside.</summary>
public sealed partial class SteeringTests
{
    private static readonly string[] Steerable = ["--plain", "--kubeconfig-out"];

    private readonly CancellationToken _cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;

    [Fact]
    public async Task A_patch_of_the_route_moves_the_calls_without_a_failure()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "made", "kubeconfig");
        await using var demo = new SampleProcess("CanaryDemo", [.. Steerable, file]);
        await SecondAsync(demo, "90, backend-v2 10", v1: 90.0);
        Assert.Contains($"  the client's key is in {file}-certs, for this user alone", demo.Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        }

        using (var api = new KubeconfigClient(await File.ReadAllTextAsync(file, _cancellation)))
        {
            await api.PatchAsync(
                "/apis/gateway.networking.k8s.io/v1/namespaces/istio-test/httproutes/backend-split",
                """[{"op":"replace","path":"/spec/rules/0/backendRefs/0/weight","value":0}]""",
                _cancellation);
        }

        await SecondAsync(demo, "0, backend-v2 10", v1: 0.0);
        await EndsWellAsync(demo);
        Assert.False(!OperatingSystem.IsWindows() && File.Exists(file), "a kubeconfig for a server that is gone was left behind");
        Assert.False(!OperatingSystem.IsWindows() && Directory.Exists(Path.GetDirectoryName(file)), "the directory that was made for it was left behind");
    }

    [Fact]
    public async Task The_printed_kubectl_commands_work()
    {
        using var kubectl = Kubectl.Require();
        await using var demo = new SampleProcess("CanaryDemo", [.. Steerable, kubectl.Kubeconfig]);
        await SecondAsync(demo, "90, backend-v2 10", v1: 90.0);
        Assert.Equal(5, Commands(demo).Count);

        var table = (await RunAsync("get httproute")).Split('\n');
        Assert.Matches(@"^NAME +HOSTNAMES +AGE$", table[0]);
        Assert.Matches(@"^backend-split +\d+s$", table[1]);
        Assert.Equal(5, Regex.Count(await RunAsync("get pods"), @"^pod/backend-v[12]-\d +1/1 +Running", RegexOptions.Multiline));

        await RunAsync("patch httproute");
        await SecondAsync(demo, "50, backend-v2 50", v1: 50.0);

        // The sed of other systems wants other arguments.
        if (OperatingSystem.IsLinux())
        {
            await RunAsync("edit httproute", new() { ["KUBE_EDITOR"] = "sed -i 's/weight: 50/weight: 30/'" });
            await SecondAsync(demo, "30, backend-v2 30", v1: 50.0);
        }

        await RunAsync("delete pod");
        await demo.WaitForAsync(output => Second().Matches(output).LastOrDefault()?.Groups["pods1"].Value == "2" ? "" : null, _cancellation);
        await EndsWellAsync(demo);

        async Task<string> RunAsync(string command, Dictionary<string, string>? environment = null)
        {
            var line = Commands(demo).Single(line => line.Contains($" {command}", StringComparison.Ordinal));
            var arguments = Word().Matches(line).Skip(1).Select(word => word.Value.Trim('\'')).ToArray();
            return (await kubectl.Run(null, arguments, environment)).Succeeded();
        }
    }

    [Fact]
    public async Task The_printed_mesh_commands_work_with_the_certificates_that_it_writes()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "kubeconfig");
        var certificates = $"{file}-certs";
        await using var demo = new SampleProcess("CanaryDemo", [.. Steerable, file]);
        await SecondAsync(demo, "90, backend-v2 10", v1: 90.0);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(certificates));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(certificates, "key.pem")));
        }

        var description = await RunAsync("describe");
        Assert.Contains("Caller's identity: spiffe://cluster.local/ns/istio-test/sa/client\n", description.Output, StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(description.Output, @"  ready +TLS istio: .*  expects spiffe://cluster\.local/ns/istio-test/sa/backend-v1\n"));
        Assert.Contains("Action    forward\n", (await RunAsync("explain")).Output, StringComparison.Ordinal);
        var calls = await RunAsync("curl");
        Assert.Equal(18, Regex.Count(calls.Errors, @"^\* \d+: 200 .*, peer spiffe://cluster\.local/ns/istio-test/sa/backend-v1$", RegexOptions.Multiline));
        Assert.Equal(2, Regex.Count(calls.Errors, @"^\* \d+: 200 .*, peer spiffe://cluster\.local/ns/istio-test/sa/backend-v2$", RegexOptions.Multiline));

        await EndsWellAsync(demo);
        Assert.False(!OperatingSystem.IsWindows() && Directory.Exists(certificates), "certificates were left behind");

        async Task<(string Output, string Errors)> RunAsync(string command)
        {
            var line = demo.Output.Split('\n').Single(line => line.Contains($"src/MeshSdk.Tool -- {command} ", StringComparison.Ordinal));
            await using var mesh = new SampleProcess(SampleOutput.Tool, Word().Matches(line[line.IndexOf(command, StringComparison.Ordinal)..]).Select(word => word.Value.Trim('\'')));
            var exit = await mesh.ExitAsync(_cancellation);
            Assert.True(exit == 0, $"exit code {exit}\n{mesh.Output}\n{mesh.Errors}");
            return (mesh.Output, mesh.Errors);
        }
    }

    [Fact]
    public async Task Lost_calls_are_told_and_make_it_fail_when_its_time_is_over()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "kubeconfig");

        // Enough for a busy machine to change the route before the time is over.
        await using var demo = new SampleProcess("CanaryDemo", [.. Steerable, file, "--seconds", "12"]);
        await SecondAsync(demo, "90, backend-v2 10", v1: 90.0);

        using (var api = new KubeconfigClient(await File.ReadAllTextAsync(file, _cancellation)))
        {
            await api.PatchAsync(
                "/apis/gateway.networking.k8s.io/v1/namespaces/istio-test/httproutes/backend-split",
                """[{"op":"replace","path":"/spec/rules/0/backendRefs/0/name","value":"nobody"}]""",
                _cancellation);
        }

        Assert.Equal(1, await demo.ExitAsync(_cancellation));
        Assert.Contains("there is no Service istio-test/nobody", demo.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"calls in all, 0 failed", demo.Output);
    }

    [Fact]
    public async Task A_kubeconfig_that_is_somebody_elses_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "config");
        await File.WriteAllTextAsync(file, "precious", _cancellation);
        await using var demo = new SampleProcess("CanaryDemo", [.. Steerable, file]);

        Assert.Equal(2, await demo.ExitAsync(_cancellation));
        Assert.Contains(file, demo.Errors, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file, _cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("file/kubeconfig")]
    [InlineData("file/new/kubeconfig")]
    public async Task A_file_that_cannot_be_written_is_told_in_one_line_and_leaves_nothing_behind(string target)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "file"), "no directory", _cancellation);
        await using var demo = new SampleProcess("CanaryDemo", [.. Steerable, Path.Combine(folder.Path, target)]);

        Assert.Equal(2, await demo.ExitAsync(_cancellation));
        Assert.StartsWith("--kubeconfig-out ", Assert.Single(demo.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_route_and_a_Service_that_are_deleted_are_said_to_be_gone()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "kubeconfig");
        await using var demo = new SampleProcess("CanaryDemo", [.. Steerable, file]);
        await SecondAsync(demo, "90, backend-v2 10", v1: 90.0);

        using var api = new KubeconfigClient(await File.ReadAllTextAsync(file, _cancellation));
        await api.DeleteAsync("/apis/gateway.networking.k8s.io/v1/namespaces/istio-test/httproutes/backend-split", _cancellation);
        await demo.WaitForAsync(static output => output.Contains("\nHTTPRoute backend-split is gone", StringComparison.Ordinal) ? "" : null, _cancellation);
        await api.DeleteAsync("/api/v1/namespaces/istio-test/services/backend", _cancellation);
        await demo.WaitForAsync(static output => output.Contains("\nService backend is gone", StringComparison.Ordinal) ? "" : null, _cancellation);
    }

    /// <summary>Waits for a whole second under this route.</summary>
    private async Task SecondAsync(SampleProcess demo, string route, double v1) => await demo.WaitForAsync(
        output =>
        {
            var under = output.LastIndexOf($"HTTPRoute backend-split: backend-v1 {route}\n", StringComparison.Ordinal);

            // The first of them may have begun under the route before.
            return under >= 0 && Second().Matches(output, under).Skip(1).Any(second => Math.Abs(double.Parse(
                second.Groups["share1"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) - v1) < 2) ? "" : null;
        },
        _cancellation);

    /// <summary>Ends it as Ctrl+C does, where there is a way to.</summary>
    private async Task EndsWellAsync(SampleProcess demo)
    {
        if (!OperatingSystem.IsWindows())
        {
            await demo.InterruptAsync(_cancellation);
            var exit = await demo.ExitAsync(_cancellation);
            Assert.True(exit == 0, $"exit code {exit}\n{demo.Output}\n{demo.Errors}");
        }
    }

    private static List<string> Commands(SampleProcess demo) =>
        [.. demo.Output.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("kubectl ", StringComparison.Ordinal))];

    [GeneratedRegex(@"backend-v1 +\d+ \( *(?<share1>[\d.]+) %, (?<pods1>\d) pods?\) +backend-v2 +\d+ \( *[\d.]+ %, \d pods?\) +0 failed")]
    private static partial Regex Second();

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word();
}
