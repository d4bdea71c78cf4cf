using System.Text;
using System.Text.Json;

namespace MeshSdk.Tool.Tests.Live;

/// <summary>What requests meet that the command sends by what a live cluster says.</summary>
public sealed class LiveCurlTests
{
    [Fact]
    public async Task Twenty_calls_are_eighteen_and_two()
    {
        await using var canary = await LiveCanary.StartAsync();

        var run = await canary.RunAsync("curl", "--security", "off", "--count", "20", "http://backend");

        Assert.Equal(0, run.ExitCode);
        var bodies = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).CountBy(static line => line).ToDictionary();
        Assert.Equal((18, 2), (bodies["hello from backend v1"], bodies["hello from backend v2"]));
        Assert.Contains("istio-test/backend-v1:80        18   90.0%         0 ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_that_change_while_it_runs_are_obeyed()
    {
        await using var canary = await LiveCanary.StartAsync();
        await using var output = new Lines();

        // As many as it takes: the command is stopped when the change has been seen.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = Program.RunAsync(
            ["curl", "--kubeconfig", canary.Kubeconfig, "--security", "off", "--count", "100000", "--rate", "500", "-o", "json", "http://backend"],
            TextReader.Null,
            output,
            TextWriter.Null,
            Surroundings.None,
            stop.Token);

        // Nine of ten, and which of them comes first is left to chance.
        var first = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            first.Add(await output.NextAsync());
        }

        Assert.Equal(
            (9, 1),
            (first.Count(static line => line.Contains("backend-v1", StringComparison.Ordinal)), first.Count(static line => line.Contains("backend-v2", StringComparison.Ordinal))));
        await canary.WeighAsync(0, 100);
        string line;
        do
        {
            line = await output.NextAsync();
        }
        while (!line.Contains("backend-v2", StringComparison.Ordinal) || !(await output.NextAsync()).Contains("backend-v2", StringComparison.Ordinal));

        // From here on all of them, and none has failed.
        for (var i = 0; i < 50; i++)
        {
            using var answer = JsonDocument.Parse(await output.NextAsync());
            Assert.Equal(
                ("istio-test/backend-v2:80", 200), (answer.RootElement.GetProperty("backend").GetString(), answer.RootElement.GetProperty("status").GetInt32()));
        }

        await stop.CancelAsync();
        Assert.Equal(130, await run);
    }

    [Fact]
    public async Task A_route_that_leads_to_another_namespace_is_followed_there()
    {
        await using var canary = await LiveCanary.StartAsync();
        await canary.Cluster.ApplyAsync(
            """
            { apiVersion: v1, kind: Namespace, metadata: { name: front } }
            ---
            { apiVersion: v1, kind: Service, metadata: { name: web, namespace: front }, spec: { ports: [{ port: 80 }] } }
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: web, namespace: front }
            spec:
              parentRefs: [{ group: "", kind: Service, name: web }]
              rules: [{ backendRefs: [{ name: backend-v2, namespace: istio-test, port: 80 }] }]
            """);

        var run = await canary.RunAsync("curl", "--security", "off", "-n", "front", "http://web");

        Assert.Equal((0, "hello from backend v2\n"), (run.ExitCode, run.Out));
    }

    [Fact]
    public async Task What_a_policy_wants_encrypted_is_not_sent_in_plaintext()
    {
        await using var canary = await LiveCanary.StartAsync();

        var run = await canary.RunAsync("curl", "-o", "json", "http://backend");

        Assert.Equal((503, "UF"), (run.Json.GetProperty("status").GetInt32(), run.Json.GetProperty("flags").GetString()));
    }

    /// <summary>A stream whose lines can be waited for.</summary>
    private sealed class Lines : MemoryStream
    {
        private readonly System.Threading.Channels.Channel<string> _lines = System.Threading.Channels.Channel.CreateUnbounded<string>();
        private readonly StringBuilder _pending = new();

        public async Task<string> NextAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            return await _lines.Reader.ReadAsync(limit.Token);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _pending.Append(Encoding.UTF8.GetString(buffer));
            for (var text = _pending.ToString(); text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end; text = _pending.ToString())
            {
                _lines.Writer.TryWrite(text[..end]);
                _pending.Remove(0, end + 1);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer, offset, count);
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
