using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using static MeshSdk.Conformance.Scenarios.OwnFrontendScenarios;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Sessions, which keep a client on the endpoint that it was on. The upstream suite has no tests of them yet.</summary>
internal static class SessionScenarios
{
    private const string First = "echo-v1-0";
    private const string Second = "echo-v2-0";
    private const int Calls = 20;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Own(
            "sessions",
            "HTTPRouteSessionPersistence",
            "own/sessions",
            Case.That("a cookie keeps a client where it was", static run => KeepsAsync(run, "/cookie", Cookie)),
            Case.That("a header keeps a client where it was", static run => KeepsAsync(run, "/header", Header)),
            Case.That("a cookie lasts as long as the client's own session", static async run =>
                Assert.Equal(["Path=/", "HttpOnly"], Attributes(await FirstAsync(run, "/cookie", Cookie, Second)))),
            Case.That("a permanent cookie lasts as long as the session", static async run =>
                Assert.Equal(["Path=/", "Max-Age=3600", "HttpOnly"], Attributes(await FirstAsync(run, "/permanent", Cookie, Second)))),
            Case.That("rules share no sessions", static async run =>
            {
                var token = Token(await FirstAsync(run, "/cookie", Cookie, Second), Cookie);
                await IsNewAsync(run, "/other", Cookie, token);
            }),
            Case.That("what is no session begins one", static run => IsNewAsync(run, "/cookie", Cookie, "place=made-up")),
            Case.Changing("a session stays where new ones do not come to", static async run =>
            {
                var (cookie, header) = (
                    Token(await FirstAsync(run, "/cookie", Cookie, Second), Cookie), Token(await FirstAsync(run, "/header", Header, Second), Header));
                await run.ApplyAsync(Manifest.Read("own/sessions").Replace("name: echo-v2, port: 80, weight: 1", "name: echo-v2, port: 80, weight: 0", StringComparison.Ordinal));
                foreach (var (path, kind, token) in new[] { ("/cookie", Cookie, cookie), ("/header", Header, header) })
                {
                    await run.ConvergeAsync(async () => (await run.TallyAsync(Call.Get(path), 4)).ContainsKey("echo-v2") ? "new clients still come to echo-v2" : null);
                    await StaysAsync(run, path, kind, token, Second);
                    Assert.Equal(["echo-v1"], (await run.TallyAsync(Call.Get(path), Calls)).Keys);
                }
            }),
            Case.Changing("where the endpoint is gone another one takes over, and keeps the client", static async run =>
            {
                var token = Token(await FirstAsync(run, "/endpoints", Cookie, Second), Cookie);
                await StaysAsync(run, "/endpoints", Cookie, token, Second);
                await run.World.Api.PatchAsync("Pod", Names.Mesh, Second, """{"metadata":{"labels":{"app":"gone"}}}""");
                await run.ConvergeAsync(async () => (await SendAsync(run, "/endpoints", Cookie, token)).Pod == First ? null : "the endpoint is still there");
                var next = Token(await IsNewAsync(run, "/endpoints", Cookie, token), Cookie);
                await StaysAsync(run, "/endpoints", Cookie, next, First);
            })),
    ];

    private static Carrier Cookie => new("Set-Cookie", "Cookie");

    private static Carrier Header => new("x-place", "x-place");

    /// <summary>Two clients, each on an endpoint of its own, stay there; one without a session comes to either.</summary>
    private static async Task KeepsAsync(Run run, string path, Carrier carrier)
    {
        var (first, second) = (
            Token(await FirstAsync(run, path, carrier, First), carrier), Token(await FirstAsync(run, path, carrier, Second), carrier));
        Assert.NotEqual(first, second);
        await StaysAsync(run, path, carrier, first, First);
        await StaysAsync(run, path, carrier, second, Second);
        var tally = await run.TallyAsync(Call.Get(path), Calls);
        Assert.Equal(["echo-v1", "echo-v2"], tally.Keys);
    }

    /// <summary>Calls without a session until a pod has answered.</summary>
    private static async Task<Answer> FirstAsync(Run run, string path, Carrier carrier, string pod)
    {
        Answer? found = null;
        await run.ConvergeAsync(async () =>
        {
            for (var i = 0; i < Calls; i++)
            {
                var answer = await run.SendAsync(Call.Get(path));
                if (answer.Pod == pod)
                {
                    found = answer;
                    return answer.Status == 200 && answer.Header(carrier.Response) is { Length: > 0 } ? null : $"no session is begun: {answer}";
                }
            }

            return $"{pod} has not answered";
        });
        return found!;
    }

    /// <summary>Each and every call of a session is answered by one pod, and none begins another session.</summary>
    private static async Task StaysAsync(Run run, string path, Carrier carrier, string token, string pod)
    {
        for (var i = 0; i < Calls; i++)
        {
            var answer = await SendAsync(run, path, carrier, token);
            Assert.Equal((200, pod, null), (answer.Status, answer.Pod, answer.Header(carrier.Response)));
        }
    }

    /// <summary>A call with what is no session here is answered all the same, and begins one.</summary>
    private static async Task<Answer> IsNewAsync(Run run, string path, Carrier carrier, string token)
    {
        Answer? last = null;
        await run.ConvergeAsync(async () =>
        {
            last = await SendAsync(run, path, carrier, token);
            return last.Status != 200 ? $"{last}" : last.Header(carrier.Response) is { Length: > 0 } && Token(last, carrier) != token ? null : $"no session is begun: {last}";
        });
        return last!;
    }

    private static Task<Answer> SendAsync(Run run, string path, Carrier carrier, string token) => run.SendAsync(Call.Get(path, (carrier.Request, token)));

    /// <summary>As the client sends it back.</summary>
    private static string Token(Answer answer, Carrier carrier) => answer.Header(carrier.Response)!.Split(';')[0];

    private static string[] Attributes(Answer answer)
    {
        var parts = answer.Header("Set-Cookie")!.Split("; ");
        Assert.Matches("^place=[A-Za-z0-9_-]{16,}$", parts[0]);
        return parts[1..];
    }

    /// <summary>The headers that a session is told in.</summary>
    private sealed record Carrier(string Response, string Request);
}
