using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Copies of requests, as the servers that get them see them.</summary>
internal static class MirrorScenarios
{
    private const int Calls = 500;

    private static readonly (string, string)[] Before =
        [("X-Header-Remove", "remove-val"), ("X-Header-Add-Append", "append-val-1"), ("X-Header-Set", "set-val")];

    private static readonly (string Name, string? Value)[] After =
        [("X-Header-Add", "header-val-1"), ("X-Header-Add-Append", "append-val-1,header-val-2"), ("X-Header-Set", "set-overwrites-values"), ("X-Header-Remove", null)];

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway(
            "httproute-request-mirror",
            "HTTPRouteRequestMirror",
            Copied(Call.Get("/mirror"), [], V2),
            Copied(Call.Get("/mirror-and-modify-headers", Before), After, V2),
            Copied(Call.Send("POST", "/mirror") with { Body = "a body of its own" }, [], V2)),
        Gateway(
            "httproute-request-multiple-mirrors",
            "HTTPRouteRequestMultipleMirrors",
            Copied(Call.Get("/multi-mirror"), [], V2, V3),
            Copied(Call.Get("/multi-mirror-and-modify-headers", Before), After, V2, V3)),
        Gateway(
            "httproute-request-percentage-mirror",
            "HTTPRouteRequestPercentageMirror",
            Sampled(Call.Get("/percent-mirror"), [], 0.20),
            Sampled(Call.Get("/percent-mirror-fraction"), [], 0.50),
            Sampled(Call.Get("/percent-mirror-and-modify-headers", Before), After, 0.35),
            Sampled(Call.Get("/no-mirror"), [], 0)),
    ];

    /// <summary>The call is answered by the first backend, and each of the others receives exactly one copy of it.</summary>
    private static Case Copied(Call call, (string Name, string? Value)[] headers, params string[] copies) => Case.That(
        $"{call} → {V1}, copies to {string.Join(" and ", copies)}",
        async run =>
        {
            var expected = Expected.From(V1).Seeing(headers);
            await run.CheckAsync(call, expected);
            await run.ConvergeAsync(async () =>
            {
                var answer = await run.SendAsync(call);
                foreach (var copy in copies)
                {
                    await Cluster.Wait.UntilAsync(run, () => run.Received(answer, copy).Count > 0, $"no copy of {call} came to {copy}");
                    var received = Assert.Single(run.Received(answer, copy));
                    Assert.Equal((call.Method, call.Url, call.Body ?? ""), (received.Method, received.Target, received.Body));
                    Assert.All(headers, header => Assert.Equal(header.Value, received.Header(header.Name)));
                }

                Assert.Single(run.Received(answer, V1));
                return null;
            });
        });

    /// <summary>Within three standard deviations; upstream tries five times for that.</summary>
    private static Case Sampled(Call call, (string Name, string? Value)[] headers, double share) => Case.That(
        $"{call} ×{Calls} → {V1}, {share:P0} of them copied to {V2}",
        async run =>
        {
            await run.CheckAsync(call, Expected.From(V1).Seeing(headers));
            var deviation = 3 * Math.Sqrt(share * (1 - share) / Calls);
            for (var attempt = 1; ; attempt++)
            {
                var answers = new List<Answer>();
                for (var i = 0; i < Calls; i++)
                {
                    answers.Add(await run.SendAsync(call));
                }

                // Copies are under way for a while after the last answer: their number has to stand still.
                var copied = -1;
                await Cluster.Wait.UntilAsync(() =>
                {
                    var before = copied;
                    copied = answers.Count(answer => run.Received(answer, V2).Count > 0);
                    return Task.FromResult(before == copied);
                });
                Assert.All(answers, answer => Assert.All(run.Received(answer, V2), copy => Assert.All(headers, header => Assert.Equal(header.Value, copy.Header(header.Name)))));
                if (Math.Abs((copied / (double)Calls) - share) <= deviation)
                {
                    return;
                }

                Assert.True(attempt < 5, $"{copied} of {Calls} were copied");
            }
        });
}
