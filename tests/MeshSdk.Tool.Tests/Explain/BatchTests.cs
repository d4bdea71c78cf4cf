using System.Diagnostics;
using System.Globalization;

namespace MeshSdk.Tool.Tests.Explain;

public sealed class BatchTests
{
    private static readonly string[] Batch = ["explain", "--manifests", ManifestDirectory.Canary, "-n", "istio-test", "--batch", "-"];

    [Fact]
    public async Task Answers_come_in_order_and_bad_lines_do_not_stop_the_rest()
    {
        var run = await ToolRun.WithInput(
            """
            {"url":"http://backend/"}
            {"url":

            {"url":"http://backend/","headers":{"version":"two"},"grpc":null,"method":"PUT"}
            [1]
            {"method":"GET"}
            {"url":"http://backend/","headers":[["version","two"],["a","1"],["A","2"]]}
            {"url":"/relative"}
            {"url":"http://backend/","method":7}
            {"url":"http://backend","grpc":"pkg.Svc/Call"}
            """,
            Batch);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Error);
        Assert.Equal(
            ["1", "error", "error", "0", "error", "error", "0", "error", "error", "1"],
            run.JsonLines.Select(static a => a.TryGetProperty("route", out var route)
                ? route.GetProperty("rule").GetInt32().ToString(CultureInfo.InvariantCulture)
                : Assert.Single(a.EnumerateObject()).Name));
        Assert.Equal("""{"version":"two","a":"1,2"}""", run.JsonLines[6].GetProperty("request").GetProperty("headers").GetRawText());
        Assert.Equal("PUT", run.JsonLines[3].GetProperty("request").GetProperty("method").GetString());
        Assert.Equal("/pkg.Svc/Call", run.JsonLines[9].GetProperty("request").GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("""{"url":"http://backend/","method":""}""", "method ''")]
    [InlineData("""{"url":"http://backend/","method":"G T"}""", "method 'G T'")]
    [InlineData("""{"url":"http://backend/","headers":{"a":"1\r\nb: 2"}}""", "header 'a'")]
    [InlineData("""{"url":"http://backend/","headers":[["a","1\n"]]}""", "header 'a'")]
    [InlineData("""{"url":"http://backend/","headers":{"host":"a\nb"}}""", "ost")]
    [InlineData("""{"url":"http://backend/","namespace":"BAD_NS"}""", "namespace: 'BAD_NS'")]
    [InlineData("""{"url":"http://backend/","namespace":""}""", "namespace: ''")]
    [InlineData("""{"url":"\ud800"}""", "JSON")]
    [InlineData("", "an empty line")]
    public async Task A_line_that_cannot_be_answered_says_why_and_the_next_one_is_answered(string line, string part)
    {
        var run = await ToolRun.WithInput(line + "\n" + """{"url":"http://backend/"}""" + "\n", Batch);

        Assert.Equal((1, "", 2), (run.ExitCode, run.Error, run.JsonLines.Count));
        var error = Assert.Single(run.JsonLines[0].EnumerateObject());
        Assert.Equal("error", error.Name);
        Assert.Contains(part, error.Value.GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("internal fault", error.Value.GetString(), StringComparison.Ordinal);
        Assert.Equal("forward", run.JsonLines[1].GetProperty("action").GetString());
    }

    [Fact]
    public async Task Of_a_label_that_is_given_twice_the_later_one_counts()
    {
        var run = await ToolRun.WithInput("""{"url":"http://backend/","labels":{"a":"1","a":"2"}}""", Batch);

        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task A_line_is_the_answer_of_a_single_explain()
    {
        var single = await ToolRun.Of("explain", "-o", "json", "--manifests", ManifestDirectory.Canary, "-n", "istio-test", "http://backend/a?b");
        var batch = await ToolRun.WithInput("""{"url":"http://backend/a?b"}""", Batch);

        Assert.Equal((0, single.Out), (batch.ExitCode, batch.Out));
    }

    [Fact]
    public async Task A_line_can_speak_for_another_caller()
    {
        var run = await ToolRun.WithInput(
            """
            {"url":"http://backend/","namespace":"elsewhere"}
            {"url":"http://backend/","namespace":null}
            {"url":"http://backend.istio-test/","namespace":"elsewhere","labels":{"app":"web"}}
            """,
            Batch);

        Assert.Equal(["passthrough", "forward", "forward"], run.JsonLines.Select(static a => a.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task A_policy_for_some_workloads_applies_to_the_lines_that_speak_for_them()
    {
        using var manifests = new ManifestDirectory();
        manifests.Write("rule.yaml",
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: for-web, namespace: istio-test }
            spec:
              host: backend-v2
              workloadSelector: { matchLabels: { app: web } }
              trafficPolicy: { loadBalancer: { simple: RANDOM } }
            """);

        var run = await ToolRun.WithInput(
            """
            {"url":"http://backend-v2/","labels":{"app":"web"}}
            {"url":"http://backend-v2/"}
            """,
            [.. Batch, "--manifests", manifests.Path]);

        Assert.Equal(
            ["RANDOM", "LEAST_REQUEST"],
            run.JsonLines.Select(static a => a.GetProperty("backends")[0].GetProperty("policy").GetProperty("loadBalancer").GetString()));
    }

    [Fact]
    public async Task A_batch_can_come_from_a_file()
    {
        using var directory = new ManifestDirectory();
        var file = directory.Write("requests", """{"url":"http://backend/"}""");

        var run = await ToolRun.Of([.. Batch[..^1], file]);

        Assert.Equal((0, 1), (run.ExitCode, run.JsonLines.Count));
    }

    [Fact]
    public async Task Ten_thousand_requests_take_seconds()
    {
        var lines = string.Join('\n', Enumerable.Range(0, 10_000).Select(static i =>
            $$"""{"url":"http://backend/{{i}}","headers":{"x-request":"{{i}}"},"namespace":"{{(i % 10 == 0 ? "elsewhere" : "istio-test")}}"}"""));
        var clock = Stopwatch.StartNew();

        var run = await ToolRun.WithInput(lines, Batch);

        Assert.Equal((0, 10_000), (run.ExitCode, run.JsonLines.Count));

        // A second on a machine that has nothing else to do. The bound is for what grows with the square of the lines, not for a machine that is busy.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }
}
