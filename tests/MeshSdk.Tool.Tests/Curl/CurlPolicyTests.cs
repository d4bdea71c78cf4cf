using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tool.Tests.Curl;

/// <summary>What a DestinationRule does to real calls, as the command shows it.</summary>
public sealed class CurlPolicyTests : IDisposable
{
    private readonly ManifestDirectory _manifests = new();

    public void Dispose() => _manifests.Dispose();

    [Theory]
    [InlineData("http: { http2MaxRequests: 1 }", 4)]
    [InlineData("tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 }", 3)]
    public async Task What_is_too_much_is_503_UO_at_once_and_was_sent_nowhere(string pool, int refused)
    {
        var release = NewSignal();
        await using var server = await StubServer.StartAsync(async context =>
        {
            await release.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("hello\n");
        });
        WriteWeb($"connectionPool: {{ {pool} }}", server);

        // The server answers nothing before all refusals are out.
        using var answers = new LineSignal(refused, release);
        var run = await CurlAsync(answers, "-o", "json", "--count", "5", "--concurrency", "5", "http://web/");

        Assert.Equal(0, run.ExitCode);
        Assert.All(run.JsonLines.Take(refused), static line =>
        {
            Assert.Equal((503, "UO", 0), (Status(line), Flags(line), Attempts(line)));
            Assert.Equal(("default/web:80", JsonValueKind.Null), (line.GetProperty("backend").GetString(), line.GetProperty("endpoint").ValueKind));
            Assert.Equal(("true", ""), (line.GetProperty("headers").GetProperty("x-envoy-overloaded").GetString(), line.GetProperty("body").GetString()));
        });
        Assert.Equal(
            Enumerable.Repeat((200, "-", 1, Address(server)), 5 - refused),
            run.JsonLines.Skip(refused).Select(static line => (Status(line), Flags(line), Attempts(line), Endpoint(line)!)));
        Assert.Matches($@"^default/web:80 +5 +100\.0% +{refused} .* {5 - refused}  UO {refused}$", run.ErrorLines[1]);
    }

    [Fact]
    public async Task An_endpoint_that_fails_is_ejected_and_the_others_get_its_requests()
    {
        await using var good = await StubServer.SayAsync("hello\n");
        await using var bad = await FailingServerAsync();
        WriteWeb(
            "loadBalancer: { simple: ROUND_ROBIN }\n    outlierDetection: { consecutive5xxErrors: 2, interval: 1h, baseEjectionTime: 1h, maxEjectionPercent: 50 }",
            good, bad);

        var run = await CurlAsync("-o", "json", "--count", "20", "http://web/");

        var lines = run.JsonLines;
        var failed = lines.Where(static line => Status(line) == 503).ToList();
        Assert.Equal([(Address(bad), "-", 1), (Address(bad), "-", 1)], failed.Select(static line => (Endpoint(line)!, Flags(line), Attempts(line))));
        Assert.All(lines.Except(failed), line => Assert.Equal((200, Address(good)), (Status(line), Endpoint(line))));
        Assert.All(lines.Skip(4), static line => Assert.Equal(200, Status(line)));
        Assert.Contains(run.ErrorLines, line => line.Contains($"{Address(bad)} of default/web:80 is ejected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_all_are_ejected_calls_are_503_UH_of_no_endpoint()
    {
        await using var bad = await FailingServerAsync();
        WriteWeb("outlierDetection: { consecutive5xxErrors: 1, interval: 1h, baseEjectionTime: 1h, maxEjectionPercent: 100 }", bad);

        var run = await CurlAsync("-o", "json", "--count", "3", "http://web/");

        Assert.Equal(
            [(503, "-", 1, Address(bad)), (503, "UH", 0, null), (503, "UH", 0, null)],
            run.JsonLines.Select(static line => (Status(line), Flags(line), Attempts(line), Endpoint(line))));
    }

    [Fact]
    public async Task A_retry_that_is_too_much_leaves_the_last_response_and_is_flagged()
    {
        var release = NewSignal();
        var tries = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await using var server = await StubServer.StartAsync(async context =>
        {
            if (tries.AddOrUpdate(context.Request.Path.Value!, 1, static (_, tries) => tries + 1) == 1)
            {
                context.Response.StatusCode = 503;
                await context.Response.WriteAsync("not now\n");
                return;
            }

            // The one retry that there may be is under way until the other request was answered.
            await release.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("hello\n");
        });
        WriteWeb("connectionPool: { http: { maxRetries: 1 } }", server);
        _manifests.Write(
            "route.yaml",
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: web, namespace: default }
            spec:
              parentRefs: [{ group: "", kind: Service, name: web }]
              rules: [{ retry: { attempts: 1, codes: [503] }, backendRefs: [{ name: web, port: 80 }] }]
            """);

        using var answers = new LineSignal(1, release);
        var run = await CurlAsync(answers, "-o", "json", "--count", "2", "--concurrency", "2", "http://web/{i}");

        Assert.Equal(
            [(503, "UO", 1, "not now\n", Address(server)), (200, "-", 2, "hello\n", Address(server))],
            run.JsonLines.Select(static line => (Status(line), Flags(line), Attempts(line), line.GetProperty("body").GetString()!, Endpoint(line)!)));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Task<StubServer> FailingServerAsync() => StubServer.StartAsync(static context =>
    {
        context.Response.StatusCode = 503;
        return Task.CompletedTask;
    });

    private static string Address(StubServer server) => $"127.0.0.1:{server.Port}";

    private static int Status(JsonElement line) => line.GetProperty("status").GetInt32();

    private static int Attempts(JsonElement line) => line.GetProperty("attempts").GetInt32();

    private static string Flags(JsonElement line) => line.GetProperty("flags").GetString()!;

    private static string? Endpoint(JsonElement line) => line.GetProperty("endpoint").GetString();

    private Task<ToolRun> CurlAsync(params string[] args) => CurlAsync(new MemoryStream(), args);

    private Task<ToolRun> CurlAsync(MemoryStream stdout, params string[] args) =>
        ToolRun.Into(stdout, ["curl", "--manifests", _manifests.Path, "-n", "default", .. args]);

    /// <summary>A service with an endpoint for each server, and its traffic policy.</summary>
    private void WriteWeb(string policy, params StubServer[] servers)
    {
        var slices = servers.Select(static server => $$"""
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: { name: web-{{server.Port}}, namespace: default, labels: { kubernetes.io/service-name: web } }
            addressType: IPv4
            ports: [{ name: http, port: {{server.Port}} }]
            endpoints: [{ addresses: [127.0.0.1] }]
            """);
        _manifests.Write("web.yaml", string.Join("\n---\n", [
            $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: web, namespace: default }
            spec: { ports: [{ name: http, port: 80 }] }
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: web, namespace: default }
            spec:
              host: web
              trafficPolicy:
                {{policy}}
            """, .. slices]));
    }
}
