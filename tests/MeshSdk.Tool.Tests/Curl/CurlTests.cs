using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tool.Tests.Curl;

/// <summary>The command over real sockets.</summary>
public sealed class CurlTests : IDisposable
{
    private readonly ManifestDirectory _manifests = new();

    public void Dispose() => _manifests.Dispose();

    [Fact]
    public async Task A_request_goes_to_the_endpoint_of_its_backend_and_the_body_is_printed_as_it_came()
    {
        await using var server = await StubServer.SayAsync("hello\n");
        WriteService("web", server.Port);

        var run = await CurlAsync("http://web/");

        Assert.Equal((0, "hello\n", ""), (run.ExitCode, run.Out, run.Error));
    }

    [Fact]
    public async Task Json_has_the_shape_of_the_contract()
    {
        await using var server = await StubServer.StartAsync(static context =>
        {
            context.Response.Headers["X-Two"] = new(["a", "b"]);
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync("hello");
        });
        WriteService("web", server.Port);

        var run = await CurlAsync("-o", "json", "http://web/");

        var line = Assert.Single(run.JsonLines);
        Assert.Equal(
            ["i", "status", "grpcStatus", "backend", "endpoint", "attempts", "ms", "flags", "peer", "headers", "body", "error", "reason"],
            line.EnumerateObject().Select(static p => p.Name));
        Assert.Equal((0, 200), (line.GetProperty("i").GetInt32(), line.GetProperty("status").GetInt32()));
        Assert.Equal("default/web:80", line.GetProperty("backend").GetString());
        Assert.Equal($"127.0.0.1:{server.Port}", line.GetProperty("endpoint").GetString());
        Assert.Equal(1, line.GetProperty("attempts").GetInt32());
        Assert.True(line.GetProperty("ms").GetDouble() > 0);
        Assert.Equal("-", line.GetProperty("flags").GetString());
        Assert.Equal("hello", line.GetProperty("body").GetString());
        Assert.Equal("a,b", line.GetProperty("headers").GetProperty("x-two").GetString());
        Assert.Equal("text/plain", line.GetProperty("headers").GetProperty("content-type").GetString());
        Assert.All(line.GetProperty("headers").EnumerateObject(), static h => Assert.Equal(h.Name.ToLowerInvariant(), h.Name));
        Assert.Equal([JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Null],
            [line.GetProperty("grpcStatus").ValueKind, line.GetProperty("peer").ValueKind, line.GetProperty("error").ValueKind]);
    }

    [Fact]
    public async Task The_index_stands_in_url_header_and_body()
    {
        await using var server = await StubServer.StartAsync(static async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(
                $"{context.Request.Method} {context.Request.Path} {context.Request.Headers["x-i"]} {await reader.ReadToEndAsync()} {context.Request.ContentType}\n");
        });
        WriteService("web", server.Port);

        var run = await CurlAsync("--count", "3", "-H", "X-I: <{i}>", "-d", "a={i}", "-d", "b", "http://web/{i}");

        Assert.Equal(
            string.Concat(Enumerable.Range(0, 3).Select(static i => $"POST /{i} <{i}> a={i}&b application/x-www-form-urlencoded\n")),
            run.Out);
    }

    [Fact]
    public async Task A_body_can_come_from_a_file_and_bring_its_own_content_type_and_method()
    {
        await using var server = await StubServer.StartAsync(static async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.ContentType} {await reader.ReadToEndAsync()}");
        });
        WriteService("web", server.Port);
        using var directory = new ManifestDirectory();
        var file = directory.Write("body", "{\n\"a\": 1\n}\n");

        var run = await CurlAsync("-X", "PUT", "-d", "@" + file, "-H", "Content-Type: application/json", "http://web/");

        Assert.Equal("PUT application/json {\"a\": 1}", run.Out);
    }

    [Fact]
    public async Task A_summary_on_standard_error_follows_several_requests()
    {
        await using var server = await StubServer.SayAsync("hello\n");
        WriteService("web", server.Port);

        var run = await CurlAsync("--count", "4", "--concurrency", "2", "http://web/");

        Assert.Equal(string.Concat(Enumerable.Repeat("hello\n", 4)), run.Out);
        Assert.Equal(3, run.ErrorLines.Length);
        Assert.Matches(@"^BACKEND +REQUESTS +SHARE +FAILURES +P50 ms +P99 ms +ATTEMPTS +FLAGS$", run.ErrorLines[0]);
        Assert.Matches(@"^default/web:80 +4 +100\.0% +0 +\d+\.\d\d +\d+\.\d\d +4  -$", run.ErrorLines[1]);
        Assert.Matches($@"^  127\.0\.0\.1:{server.Port} +4 +100\.0% +0 ", run.ErrorLines[2]);
    }

    [Fact]
    public async Task Where_each_request_went_is_said_on_demand()
    {
        await using var server = await StubServer.SayAsync("hello\n");
        WriteService("web", server.Port);

        var run = await CurlAsync("-v", "http://web/");
        Assert.Equal("hello\n", run.Out);
        Assert.Matches($@"^\* 0: 200 from default/web:80 at 127\.0\.0\.1:{server.Port}, 1 attempt, \d+\.\d ms, flags -$", Assert.Single(run.ErrorLines));

        WriteService("empty", port: null);
        run = await CurlAsync("-v", "-o", "json", "http://empty/");
        Assert.Equal(("UH", JsonValueKind.Null), (run.JsonLines[0].GetProperty("flags").GetString(), run.JsonLines[0].GetProperty("endpoint").ValueKind));
        Assert.Matches(@"^\* 0: 503 from default/empty:80, 0 attempts, \d+\.\d ms, flags UH: .+$", Assert.Single(run.ErrorLines));
    }

    [Fact]
    public async Task Status_line_and_headers_are_shown_on_demand_and_a_failure_status_is_an_answer()
    {
        await using var server = await StubServer.StartAsync(static context =>
        {
            context.Response.StatusCode = 500;
            context.Response.Headers["X-Why"] = "because";
            return context.Response.WriteAsync("oh\n");
        });
        WriteService("web", server.Port);

        var run = await CurlAsync("-i", "http://web/");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("HTTP/1.1 500 Internal Server Error\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("\nx-why: because\n", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("\n\noh\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_are_followed_with_L_alone()
    {
        await using var server = await StubServer.StartAsync(static context =>
        {
            if (context.Request.Path == "/there")
            {
                return context.Response.WriteAsync("there");
            }

            context.Response.Redirect("/there");
            return Task.CompletedTask;
        });
        WriteService("web", server.Port);

        Assert.Equal(302, Assert.Single((await CurlAsync("-o", "json", "http://web/")).JsonLines).GetProperty("status").GetInt32());
        Assert.Equal("there", (await CurlAsync("-L", "http://web/")).Out);
    }

    [Fact]
    public async Task Answers_come_in_order_of_completion()
    {
        // The second worker sends 3 only when it has shown 1 and 2, and that is when 0 gets its answer.
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StubServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/0")
            {
                await last.Task;
            }
            else if (context.Request.Path == "/3")
            {
                last.SetResult();
            }

            await context.Response.WriteAsync("done");
        });
        WriteService("web", server.Port);

        var run = await CurlAsync("-o", "json", "--count", "4", "--concurrency", "2", "http://web/{i}");

        Assert.Equal([1, 2], run.JsonLines.Take(2).Select(static l => l.GetProperty("i").GetInt32()));
        Assert.Equal(4, run.JsonLines.Count);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_has_no_status_and_makes_the_command_fail()
    {
        var never = new TaskCompletionSource();
        await using var server = await StubServer.StartAsync(context => never.Task.WaitAsync(context.RequestAborted));
        WriteService("web", server.Port);

        var run = await CurlAsync("-o", "json", "--timeout", "2s", "http://web/");

        Assert.Equal(1, run.ExitCode);
        var line = Assert.Single(run.JsonLines);
        Assert.Equal(0, line.GetProperty("status").GetInt32());
        Assert.Contains("2s", line.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(("default/web:80", $"127.0.0.1:{server.Port}", "DC"), (
            line.GetProperty("backend").GetString(), line.GetProperty("endpoint").GetString(), line.GetProperty("flags").GetString()));
    }

    [Fact]
    public async Task Bodies_are_printed_byte_for_byte()
    {
        byte[] body = [0, 0xFF, 0xFE, (byte)'\r', 0x80, (byte)'\n', 0xC3];
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/plain; charset=iso-8859-1";
            return context.Response.Body.WriteAsync(body).AsTask();
        });
        WriteService("web", server.Port);

        byte[] twice = [.. body, .. body];
        Assert.Equal(twice, (await CurlAsync("--count", "2", "http://web/")).OutBytes);
        var shown = (await CurlAsync("-i", "http://web/")).OutBytes;
        Assert.StartsWith("HTTP/1.1 200 OK\n", System.Text.Encoding.ASCII.GetString(shown), StringComparison.Ordinal);
        byte[] end = [(byte)'\n', (byte)'\n', .. body];
        Assert.Equal(end, shown[^(body.Length + 2)..]);
    }

    [Fact]
    public async Task Repeated_headers_are_shown_on_lines_of_their_own()
    {
        await using var server = await StubServer.StartAsync(static context =>
        {
            context.Response.Headers.SetCookie = new(["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"]);
            return Task.CompletedTask;
        });
        WriteService("web", server.Port);

        Assert.Contains(
            "\nset-cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT\nset-cookie: b=2\n", (await CurlAsync("-i", "http://web/")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_emptied_is_in_force_within_a_second()
    {
        await using var server = await StubServer.SayAsync("hello");
        WriteService("web", server.Port);

        var running = CurlAsync("-o", "json", "--count", "20", "--rate", "10", "http://web/");
        await server.Called;
        _manifests.Write("web.yaml", "");

        // What is no longer a service is left to DNS, which does not know it either.
        var lines = (await running).JsonLines;
        Assert.Equal(200, lines[0].GetProperty("status").GetInt32());
        Assert.All(lines.Skip(14), static l => Assert.Equal(0, l.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task A_host_outside_of_the_mesh_that_is_not_there_is_an_error()
    {
        WriteService("web", 1);

        var run = await CurlAsync("-o", "json", "http://127.0.0.1:1/");

        Assert.Equal(1, run.ExitCode);
        var line = Assert.Single(run.JsonLines);
        Assert.Equal((0, JsonValueKind.Null, "-"), (line.GetProperty("status").GetInt32(), line.GetProperty("backend").ValueKind, line.GetProperty("flags").GetString()));
        Assert.NotEmpty(line.GetProperty("error").GetString()!);
    }

    [Fact]
    public async Task A_service_without_endpoints_is_answered_by_the_library()
    {
        WriteService("web", port: null);

        var line = Assert.Single((await CurlAsync("-o", "json", "http://web/")).JsonLines);

        Assert.Equal((503, "UH"), (line.GetProperty("status").GetInt32(), line.GetProperty("flags").GetString()));
        Assert.Equal(JsonValueKind.Null, line.GetProperty("endpoint").ValueKind);
        Assert.Equal((JsonValueKind.Object, ""), (line.GetProperty("headers").ValueKind, line.GetProperty("body").GetString()));
    }

    [Fact]
    public async Task An_endpoint_that_refuses_is_503_UF_with_its_address()
    {
        WriteService("web", 1);

        var run = await CurlAsync("-o", "json", "http://web/");

        Assert.Equal(0, run.ExitCode);
        var line = Assert.Single(run.JsonLines);
        Assert.Equal((503, "UF", "127.0.0.1:1"), (
            line.GetProperty("status").GetInt32(), line.GetProperty("flags").GetString(), line.GetProperty("endpoint").GetString()));
    }

    [Fact]
    public async Task A_change_of_the_manifests_is_in_force_for_the_requests_after_it()
    {
        await using var old = await StubServer.SayAsync("old");
        await using var fresh = await StubServer.SayAsync("new");
        WriteService("web", old.Port);

        var running = CurlAsync("-o", "json", "--count", "20", "--rate", "10", "http://web/");
        await old.Called;
        WriteService("web", fresh.Port);

        var bodies = (await running).JsonLines.Select(static l => l.GetProperty("body").GetString()).ToArray();
        Assert.Equal(("old", "new"), (bodies[0], bodies[^1]));
        Assert.Equal(bodies.Order(StringComparer.Ordinal).Reverse(), bodies);
    }

    [Fact]
    public async Task A_file_that_breaks_while_it_runs_keeps_what_it_held_and_is_named_in_one_line()
    {
        await using var server = await StubServer.SayAsync("hello");
        WriteService("web", server.Port);

        var running = CurlAsync("-o", "json", "--count", "15", "--rate", "10", "http://web/");
        await server.Called;
        var file = _manifests.Write("web.yaml", "kind: [");
        var same = _manifests.Write("same.yaml", "kind: [");
        var other = _manifests.Write("other.yaml",
            """
            { apiVersion: v1, kind: Service, metadata: { name: a }, spec: { ports: 7 } }
            ---
            { apiVersion: v1, kind: Service, metadata: { name: b }, spec: { ports: 7 } }
            ---
            { apiVersion: v1, kind: Service, metadata: { name: c }, spec: { ports: 7 } }
            """);

        var run = await running;
        Assert.All(run.JsonLines, static l => Assert.Equal("hello", l.GetProperty("body").GetString()));
        Assert.Single(run.ErrorLines, line => line.Contains(file, StringComparison.Ordinal));
        Assert.Single(run.ErrorLines, line => line.Contains(same, StringComparison.Ordinal));
        var told = Assert.Single(run.ErrorLines, line => line.Contains(other, StringComparison.Ordinal));
        Assert.Contains("(and 2 more problems)", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_that_are_broken_at_the_start_are_one_line_and_2()
    {
        var file = _manifests.Write("web.yaml", "kind: [");

        var run = await CurlAsync("http://web/");

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.StartsWith($"mesh: {file}:", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--count", "0")]
    [InlineData("--concurrency", "many")]
    [InlineData("--rate", "-1")]
    [InlineData("--timeout", "soon")]
    [InlineData("-d", "@/no/such/file")]
    public async Task A_wrong_option_is_one_line_and_2(string option, string value)
    {
        WriteService("web", 1);

        var run = await CurlAsync(option, value, "http://web/");

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.Contains(option, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retries_are_counted_and_exhausted_ones_flagged()
    {
        var requests = 0;
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref requests) == 2 ? 200 : 500;
            return Task.CompletedTask;
        });
        WriteService("web", server.Port);
        WriteRoute("web", "retry: { attempts: 1, codes: [500] }");

        var run = await CurlAsync("-o", "json", "--count", "2", "http://web/");

        Assert.Equal([(200, 2, "-"), (500, 2, "URX")], run.JsonLines.Select(static line =>
            (line.GetProperty("status").GetInt32(), line.GetProperty("attempts").GetInt32(), line.GetProperty("flags").GetString())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_timeout_of_the_route_is_504_UT_also_where_the_body_comes_too_late(bool begins)
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            if (begins)
            {
                await context.Response.WriteAsync("begin");
                await context.Response.Body.FlushAsync();
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        WriteService("web", server.Port);
        WriteRoute("web", "timeouts: { request: 1s }");

        var run = await CurlAsync("-o", "json", "http://web/");

        var line = Assert.Single(run.JsonLines);
        Assert.Equal((0, 504, 1, "UT"), (run.ExitCode, line.GetProperty("status").GetInt32(), line.GetProperty("attempts").GetInt32(), line.GetProperty("flags").GetString()));
        Assert.Equal(JsonValueKind.Null, line.GetProperty("error").ValueKind);
        Assert.Contains("timeouts.request of HTTPRoute default/web rule 0", line.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal($"127.0.0.1:{server.Port}", line.GetProperty("endpoint").GetString());
    }

    /// <summary>A route for a service to itself.</summary>
    private void WriteRoute(string name, string settings) => _manifests.Write(name + "-route.yaml",
        $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: {{name}}, namespace: default }
        spec:
          parentRefs: [{ group: "", kind: Service, name: {{name}} }]
          rules:
          - backendRefs: [{ name: {{name}}, port: 80 }]
            {{settings}}
        """);

    private Task<ToolRun> CurlAsync(params string[] args) => ToolRun.Of(["curl", "--manifests", _manifests.Path, "-n", "default", .. args]);

    /// <summary>A service with one endpoint on the loopback interface, or none.</summary>
    private void WriteService(string name, int? port) => _manifests.Write(name + ".yaml",
        $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: default }
        spec: { ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: {{name}}-1, namespace: default, labels: { kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{ name: http, port: {{port ?? 1}} }]
        endpoints: [{{(port is null ? "" : "{ addresses: [127.0.0.1] }")}}]
        """);
}
