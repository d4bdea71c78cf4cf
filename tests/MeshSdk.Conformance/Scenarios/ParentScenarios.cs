using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Parents that a route names wrongly: it is attached to nothing, and calls are as if it were not there.</summary>
internal static class ParentScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. from name in new[] { "not-matching-port", "not-matching-section-name", "section-name-not-matching-port" }
           select Gateway(
               "httproute-invalid-parentref-" + name,
               "HTTPRouteParentRefPort",
               Row(Call.Get("http://infra-backend-v1:8080/"), Expected.From(V1).Returning(("X-Route", null)))),
    ];
}
