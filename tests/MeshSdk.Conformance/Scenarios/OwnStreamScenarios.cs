using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using static MeshSdk.Conformance.Scenarios.OwnFrontendScenarios;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Bodies: those that take long, those that are sent again, and those that are copied.</summary>
internal static class OwnStreamScenarios
{
    private const string Body = "a body that has to arrive whole";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Own(
            "bodies",
            "HTTPRouteBackendTimeout",
            "own/streams",
            Case.That("a response that streams beyond backendRequest is cut off", CutAsync),
            Case.That("a response without a limit streams to its end", static run => run.CheckAsync(
                Call.Get("/unlimited?stream=200ms:3"),
                Expected.From("echo-v1"),
                static answer => answer.Body.Contains("Line=2", StringComparison.Ordinal) ? null : "the end is missing")),
            Case.That("a retry sends the whole body again", RetriedAsync),
            Case.That("a mirror gets the whole body", MirroredAsync),
            Case.That("a mirror that is nowhere harms nobody", static run => run.CheckAsync(
                Call.Send("POST", "/mirrored-nowhere") with { Body = Body }, Expected.From("echo-v1")))),
    ];

    private static Task CutAsync(Run run) => run.ConvergeAsync(async () =>
    {
        // The status has been received by then: only the body can tell.
        var caller = await run.World.CallerAsync(Names.Mesh);
        using var request = (Call.Get("http://echo/limited?stream=300ms:20") with { Id = Guid.NewGuid().ToString("N") }).ToRequest(run.Version);
        using var response = await caller.Invoker.SendAsync(request, TestContext.Current.CancellationToken);
        if ((int)response.StatusCode != 200)
        {
            return $"{response.StatusCode}";
        }

        try
        {
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return $"it was not cut off:\n{body}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or OperationCanceledException)
        {
            return null;
        }
    });

    private static Task RetriedAsync(Run run) => run.CheckAsync(
        Call.Send("POST", "/retried?codes=503:2") with { Body = Body },
        Expected.From("echo-v1"),
        answer =>
        {
            var received = run.Received(answer, "echo-v1");
            return received.Count == 3 && received.All(static request => request is { Method: "POST", Body: Body })
                ? null
                : $"received: {string.Join(", ", received.Select(static request => $"{request.Method} '{request.Body}'"))}";
        });

    private static Task MirroredAsync(Run run) => run.ConvergeAsync(async () =>
    {
        var answer = await run.SendAsync(Call.Send("POST", "/mirrored") with { Body = Body });
        if (answer.Pod is null)
        {
            return $"{answer}";
        }

        await Wait.UntilAsync(run, () => run.Received(answer, "echo-v2").Count > 0, "no copy came");
        Assert.Equal(Body, Assert.Single(run.Received(answer, "echo-v1")).Body);
        Assert.Equal(Body, Assert.Single(run.Received(answer, "echo-v2")).Body);
        return null;
    });
}
