using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using MeshSdk.Http;
using MeshSdk.Http.Attempts;
using MeshSdk.Model;
using MeshSdk.Resilience;
using MeshSdk.Telemetry;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http;

/// <summary>A call that is used again must have nothing left of the request before it.</summary>
public sealed class RuleCallPoolTests
{
    private static readonly RouteRule Everything = RuledMesh.Rule(RuledMesh.Timeouts(60_000, 50_000), RuledMesh.Retry(2, 503)) with
    {
        Filters = [new HeaderFilter(HeaderDirection.Request, [new HeaderValue("X-Set", "a")], [], [])],
        Session = new SessionPersistence { Carrier = SessionCarrier.Header, Name = "x-place" },
    };

    [Theory]
    [InlineData("answered")]
    [InlineData("retried")]
    [InlineData("used up")]
    [InlineData("failed")]
    [InlineData("cancelled")]
    public async Task A_call_that_is_over_keeps_nothing_and_is_used_again(string kind)
    {
        await using var mesh = await RuledMesh.StartAsync(
            Everything,
            (sent, token) => kind switch
            {
                "retried" when sent.Number % 2 == 1 => Task.FromResult(ScriptedTransport.Response(503)),
                "used up" => Task.FromResult(ScriptedTransport.Response(503)),
                "failed" => throw new InvalidOperationException("the application's own"),
                "cancelled" => ScriptedTransport.HangAsync(token),
                _ => Task.FromResult(ScriptedTransport.Response(200, "body")),
            },
            endpoints: 2);
        for (var i = 0; i < 3; i++)
        {
            using var caller = new CancellationTokenSource();
            var call = mesh.Client.PostAsync("http://backend/", new StringContent("text"), caller.Token);
            if (kind == "cancelled")
            {
                await mesh.SentAsync(i + 1);
                await caller.CancelAsync();
            }

            await mesh.PassUntilAsync(() => call.IsCompleted);
            Assert.Equal(kind is "failed" or "cancelled", !call.IsCompletedSuccessfully);
        }

        await mesh.IdleAsync();
        var idle = Assert.Single(Idle(mesh));
        AssertEmpty(idle, "_attempts");
        AssertEmpty(Field(idle, "_attempts")!);
    }

    // Bodies that are still open while the calls that brought them serve others, and answers of every kind in between.
    [Fact]
    public async Task Calls_at_the_same_time_never_mix()
    {
        var tries = new ConcurrentDictionary<string, int>();
        await using var mesh = await RuledMesh.StartAsync(
            Everything,
            async (sent, _) =>
            {
                await Task.Yield();
                var path = sent.Request.RequestUri!.PathAndQuery;
                var isFirst = tries.AddOrUpdate(path, 1, static (_, n) => n + 1) == 1;
                return isFirst && path.Contains("again", StringComparison.Ordinal)
                    ? ScriptedTransport.Response(503, "again")
                    : ScriptedTransport.Response(200, $"{path} {sent.Body}");
            },
            endpoints: 3);
        var workers = Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var open = new Queue<(HttpResponseMessage Response, string Expected)>();
            for (var i = 0; i < 50; i++)
            {
                var path = $"/{worker}/{i}" + (i % 5 == 0 ? "?again" : "");
                using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend" + path) { Content = new StringContent($"body {worker} {i}") };
                var response = await mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                Assert.Equal((i % 5 == 0 ? 2 : 1, "-"), (response.GetMeshCall()!.Attempts, response.GetMeshCall()!.Flags));
                open.Enqueue((response, $"{path} body {worker} {i}"));
                if (open.Count > 4)
                {
                    await ReadAsync(open.Dequeue());
                }
            }

            foreach (var body in open)
            {
                await ReadAsync(body);
            }
        })));
        await mesh.PassUntilAsync(() => workers.IsCompleted, step: 1);
        await workers;
        await mesh.IdleAsync();
        Assert.InRange(Idle(mesh).Count, 1, 8);
    }

    [Fact]
    public void More_than_enough_are_not_kept()
    {
        var idle = new IdleObjects<object>();
        Assert.All(Enumerable.Range(0, 512), _ => Assert.True(idle.TryAdd(new object())));
        Assert.False(idle.TryAdd(new object()));
        Assert.True(idle.TryTake(out _));
        Assert.True(idle.TryAdd(new object()));
    }

    private static async Task ReadAsync((HttpResponseMessage Response, string Expected) open)
    {
        using (open.Response)
        {
            Assert.Equal((HttpStatusCode.OK, open.Expected), (open.Response.StatusCode, await open.Response.Content.ReadAsStringAsync()));
        }
    }

    private static IReadOnlyCollection<object> Idle(RuledMesh mesh) =>
        (ConcurrentQueue<RuleCall>)Field(Field(Field(mesh.Mesh.Runtime.Engine, "_calls")!, "_idle")!, "_idle")!;

    private static void AssertEmpty(object call, params string[] parts)
    {
        var fields = call.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
        Assert.Contains(fields, static f => f.FieldType == typeof(RouteRetry) || f.FieldType == typeof(Exchange));
        foreach (var field in fields.Where(f => f.FieldType != typeof(MeshEngine) && f.FieldType != typeof(RuleCallPool) && !parts.Contains(f.Name)))
        {
            // No flags are the one text that stands for nothing; all others are null.
            object? nothing = field.Name == $"<{nameof(RequestAttempts.Flags)}>k__BackingField" ? ResponseFlags.None
                : field.FieldType.IsValueType ? Activator.CreateInstance(field.FieldType)
                : null;
            Assert.True(Equals(nothing, field.GetValue(call)), $"{nameof(RequestAttempts)} and {nameof(RuleCall)} must clear {field.Name}");
        }
    }

    private static object? Field(object of, string name) =>
        of.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(of);
}
