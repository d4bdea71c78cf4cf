using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>How long calls may take.</summary>
internal static class TimeoutScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway(
            "httproute-timeout-request",
            "HTTPRouteRequestTimeout",
            Row("/request-timeout", V1),
            Row("/request-timeout?delay=1s", 504),
            Row("/disable-request-timeout?delay=700ms", V1)),
        Gateway(
            "httproute-timeout-backend-request",
            "HTTPRouteBackendTimeout",
            Row("/backend-timeout", V1),
            Row("/backend-timeout?delay=1s", 504),
            Row("/disable-backend-timeout?delay=700ms", V1)),
    ];
}
