using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Header modifiers, for rules and for backends.</summary>
internal static class HeaderScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway("httproute-request-header-modifier", "HTTPRoute", HeaderRows.Request(V1)),
        Gateway("httproute-backend-request-header-modifier", "HTTPRouteBackendRequestHeaderModification", HeaderRows.Request(V1)),
        Gateway("httproute-request-header-modifier-backend-weights", "HTTPRouteBackendRequestHeaderModification", Case.That(
            "GET / ×100 → each backend sees its own header",
            static async run =>
            {
                await run.ConvergeAsync(async () => await run.SendAsync(Call.Get("/")) is var answer && answer.Status == 200 ? null : $"{answer}");
                var seen = new HashSet<string>();
                for (var i = 0; i < 100; i++)
                {
                    var answer = await run.SendAsync(Call.Get("/"));
                    Assert.True(answer.Saw("Backend") is { } backend && answer.Pod!.StartsWith(backend + "-", StringComparison.Ordinal), $"{answer}");
                    seen.Add(answer.Pod!);
                }

                Assert.Equal(2, seen.Count);
            })),
        Gateway("httproute-response-header-modifier", "HTTPRouteResponseHeaderModification", [
            .. HeaderRows.Response(V1),
            Row(
                Call.Get(
                    "/response-and-request-header-modifiers",
                    (Echo.EchoServer.ResponseHeaders, "X-Header-Set-1:old,X-Header-Add-1:old,X-Header-Remove-1:old"), ("X-Header-Remove-1", "old"), ("X-Header-Add-1", "old")),
                Expected.From(V1)
                    .Seeing(("X-Header-Set-1", "request-set-1"), ("X-Header-Add-1", "old,request-add-1"), ("X-Header-Remove-1", null))
                    .Returning(("X-Header-Set-1", "header-set-1"), ("X-Header-Add-1", "old,header-add-1"), ("X-Header-Remove-1", null))),
        ]),
        Gateway("httproute-backend-response-header-modifier", "HTTPRouteResponseHeaderModification", HeaderRows.Response(V1)),
    ];
}
