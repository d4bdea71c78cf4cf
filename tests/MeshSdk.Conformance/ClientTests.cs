using System.Diagnostics;
using System.Text.RegularExpressions;
using MeshSdk.Conformance.Cluster;
using MeshSdk.Conformance.Echo;
using MeshSdk.Conformance.Scenarios;

namespace MeshSdk.Conformance;

/// <summary>
/// The <c>client</c> as the upstream suite has it: a process that is given a URL and flags, and whose output is read by patterns. Its configuration comes from
/// a pod's service account or from a kubeconfig.
/// </summary>
public sealed class ClientTests(EchoPods pods) : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("conformance-client-").FullName;
    private World _world = null!;

    public async ValueTask InitializeAsync() => _world = await World.StartAsync(
        pods,
        Catalog.Find("MeshHTTPRouteMatching") with { Manifests = ["mesh/matching", "own/exact-path"] },
        TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("echo-v2-0", "200", "/v2/example", "http://echo/v2/example")]
    [InlineData("echo-v2-0", "200", "/", "http://echo/", "-H", "Version: two")]
    [InlineData("echo-v1-0", "200", "/v2example", "http://echo/v2example", "--method=POST")]
    [InlineData("echo-v2-0", "200", "/v2", "http://echo.gateway-conformance-mesh.svc.cluster.local/v2", "--http2")]
    public async Task A_call_is_routed_and_printed(string pod, string status, string path, params string[] args)
    {
        var (code, output, errors) = await RunAsync(InPod(args));

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(pod, Find(output, "Hostname"));
        Assert.Equal(status, Find(output, "StatusCode"));
        Assert.Equal(path, Find(output, "URL"));
        Assert.Equal(args.Contains("--method=POST") ? "POST" : "GET", Find(output, "Method"));
        Assert.Equal(args.Contains("--http2") ? "HTTP/2" : "HTTP/1.1", Find(output, "Proto"));
        Assert.Contains("ResponseHeader=Content-Type:text/plain", output, StringComparison.Ordinal);
        Assert.Equal(args.Contains("-H") ? "two" : null, Header(output, "Version"));
    }

    [Fact]
    public async Task A_batch_is_as_many_blocks_as_calls()
    {
        var (code, output, _) = await RunAsync(["http://echo/v2", "--count=5", .. Kubeconfig()]);

        Assert.Equal(0, code);
        var blocks = output.TrimEnd('\n').Split("\n\n");
        Assert.Equal(["echo-v2-0", "echo-v2-0", "echo-v2-0", "echo-v2-0", "echo-v2-0"], blocks.Select(static block => Find(block, "Hostname")));
        Assert.Equal(["[0] ", "[1] ", "[2] ", "[3] ", "[4] "], blocks.Select(static block => block[..4]));
    }

    [Fact]
    public async Task An_error_that_was_answered_is_an_answer()
    {
        var (code, output, _) = await RunAsync(["http://echo-v1/nothing-matches", .. Kubeconfig()]);

        Assert.Equal((0, "404"), (code, Find(output, "StatusCode")));
        Assert.Null(Find(output, "Hostname"));
    }

    [Fact]
    public async Task A_gRPC_call_prints_what_the_server_replied()
    {
        var (code, output, errors) = await RunAsync(["grpc://echo:7070", "-H", "x-own: one", .. Kubeconfig()]);

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal("200", Find(output, "StatusCode"));
        Assert.Equal(EchoMessage.Path, Find(output, "URL"));
        Assert.StartsWith("echo-v", Find(output, "Hostname"), StringComparison.Ordinal);
        Assert.Equal("one", Header(output, "x-own"));
        Assert.Contains("ResponseHeader=grpc-status:0", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gRPC_call_that_fails_prints_its_status()
    {
        var (code, output, _) = await RunAsync(["grpc://echo-v1:7070", .. Kubeconfig()]);

        Assert.Equal((0, "12"), (code, Find(output, "GrpcStatus")));
        Assert.Null(Find(output, "Hostname"));
    }

    [Fact]
    public async Task Redirects_and_addresses_of_pods_are_left_as_they_are()
    {
        var server = pods.Server(Names.Mesh, "echo-v2").EndPoints[8080];
        var (code, output, _) = await RunAsync(
            [$"http://{server}/v1?codes=302:1", "-H", $"{EchoServer.ResponseHeaders}: Location:/elsewhere", .. Kubeconfig()]);

        Assert.Equal((0, "302", "/v1?codes=302:1", "echo-v2-0"), (code, Find(output, "StatusCode"), Find(output, "URL"), Find(output, "Hostname")));
        Assert.Contains("ResponseHeader=Location:/elsewhere", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_answer_and_no_sense_are_told_apart()
    {
        // Where nobody listens, and which no server of another test is given.
        var (unanswered, _, reason) = await RunAsync(["http://127.0.0.1:1/", .. Kubeconfig()]);
        var (senseless, _, usage) = await RunAsync(["http://echo/", "--count=many"]);

        Assert.Equal((1, 2), (unanswered, senseless));
        Assert.StartsWith("client: ", reason, StringComparison.Ordinal);
        Assert.StartsWith("client: --count 'many'", usage, StringComparison.Ordinal);
    }

    private string[] Kubeconfig()
    {
        var file = Path.Combine(_directory, "kubeconfig");
        _world.Api.WriteKubeconfig(file, Names.Mesh);
        return ["--kubeconfig", file];
    }

    /// <summary>As in a pod, which has no other configuration than what Kubernetes gives to every pod.</summary>
    private string[] InPod(string[] args)
    {
        _world.Api.WriteServiceAccount(_directory, Names.Mesh, "default");
        return [.. args, "--service-account", _directory];
    }

    private static string? Find(string output, string name) =>
        Regex.Match(output, $@"(?<![A-Za-z]){name}=(.*)", RegexOptions.CultureInvariant) is { Success: true } match ? match.Groups[1].Value : null;

    private static string? Header(string output, string name) =>
        Regex.Match(output, $"RequestHeader={name}:(.*)", RegexOptions.IgnoreCase) is { Success: true } match ? match.Groups[1].Value : null;

    private async Task<(int Code, string Output, string Errors)> RunAsync(IEnumerable<string> args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [ClientPath(), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBERNETES_SERVICE_HOST"] = _world.Api.Address.Host;
        start.Environment["KUBERNETES_SERVICE_PORT"] = $"{_world.Api.Address.Port}";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output).ReplaceLineEndings("\n"), await errors);
    }

    /// <summary>Its own output, beside that of the tests in the same configuration.</summary>
    private static string ClientPath() =>
        Path.Combine(AppContext.BaseDirectory.Replace("MeshSdk.Conformance", "MeshSdk.Conformance.Client", StringComparison.Ordinal), "client.dll");
}
