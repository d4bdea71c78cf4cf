using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Retries, counted at the server: how often a call was sent is part of the expectation.</summary>
internal static class RetryScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway("httproute-retry", "HTTPRouteRetry", [
            Sent("/code-500-attempts-3?codes=500:2", 200, 3),
            Sent("/code-500-attempts-3?codes=500:4", 500, 4),
            Sent("/code-500-attempts-3?codes=503:1", 503, 1),
            .. new[] { 500, 502, 503, 504 }.SelectMany(static code => new[]
            {
                Sent($"/code-all-attempts-2?codes={code}:1", 200, 2),
                Sent($"/code-all-attempts-2?codes={code}:3", code, 3),
            }),
        ]),
        Gateway(
            "httproute-retry-connection-error",
            "HTTPRouteRetryConnectionError",
            Sent("/connection-error?resets=2", 200, 3),
            Broken("/connection-error?resets=4", 4)),
        Gateway(
            "httproute-retry-with-timeouts",
            "HTTPRouteRetryBackendTimeout",
            Sent("/backend-timeout?delays=300ms:2", 200, 3),
            Row("/backend-timeout?delays=300ms:3", 504),
            Row("/request-timeout?codes=500:1", V1),
            Row("/request-timeout?codes=500:4&fail-delay=100ms", 504)),
    ];

    /// <summary>The server answers in the end, after so many requests.</summary>
    private static Case Sent(string path, int status, int requests) => Case.That($"GET {path} → {status}, sent {requests} times", run =>
        run.CheckAsync(Call.Get(path), Expected.From(V1) with { Status = status }, answer => Count(run, answer, requests)));

    /// <summary>No server answers: the mesh says so, after so many requests.</summary>
    private static Case Broken(string path, int requests) => Case.That($"GET {path} → 500 or 503, sent {requests} times", run => run.ConvergeAsync(async () =>
    {
        var answer = await run.SendAsync(Call.Get(path));
        return answer is { Status: 500 or 503, Pod: null } ? Count(run, answer, requests) : $"{answer}";
    }));

    private static string? Count(Run run, Answer answer, int requests) =>
        run.Received(answer, V1).Count is var count && count == requests ? null : $"it was sent {count} times, not {requests}";
}
