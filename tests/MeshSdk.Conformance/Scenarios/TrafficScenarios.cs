using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Weights, names of rules, and edits of routes.</summary>
internal static class TrafficScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway("httproute-weight", "HTTPRoute", Splits.Http("/", (V1, 70), (V2, 30))),
        Gateway("httproute-named-rule", "HTTPRouteNamedRouteRule", Row("/named", V1), Row("/unnamed", V2)),
        Gateway("httproute-observed-generation-bump", "HTTPRoute", Case.Changing(
            "an edited route takes effect",
            static async run =>
            {
                await run.CheckAsync(Call.Get("/"), Expected.From(V1));
                await run.World.Api.PatchAsync(
                    "HTTPRoute", Cluster.Names.Infra, "edited", $$$"""{"spec":{"rules":[{"backendRefs":[{"name":"{{{V2}}}","port":8080}]}]}}""");
                await run.CheckAsync(Call.Get("/"), Expected.From(V2));
            })),
    ];
}
