using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using static MeshSdk.Conformance.Scenarios.OwnFrontendScenarios;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>API servers that lack kinds, and watches that end: routing goes on by what there is.</summary>
internal static class OwnSourceScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Own("kinds-that-are-not-installed", "HTTPRoute", "mesh/matching", Row("/v2", "echo-v2"), Row("/", "echo-v1")) with
        {
            NotInstalled =
            [
                "grpcroutes.gateway.networking.k8s.io", "referencegrants.gateway.networking.k8s.io", "backendtlspolicies.gateway.networking.k8s.io",
                "xbackendtrafficpolicies.gateway.networking.x-k8s.io", "destinationrules.networking.istio.io",
            ],
        },
        Own(
            "watches-that-end",
            "HTTPRoute",
            "mesh/simple-same-namespace",
            Changing("a watch that expires (410) misses no change", static api => api.Faults.SendErrorToWatches(410)),
            Changing("a watch that is cut misses no change", static api => api.Faults.AbortWatches()),
            Changing("a history that is gone misses no change", static api =>
            {
                api.Faults.Compact();
                api.Faults.CutWatches();
            })),
    ];

    private static Case Changing(string name, Action<Testing.EmbeddedKubernetes> fault) => Case.Changing(name, async run =>
    {
        await run.CheckAsync(Call.Get("/"), Expected.From("echo-v1"));
        fault(run.World.Api);
        await run.World.Api.PatchAsync(
            "HTTPRoute", Names.Mesh, "simple", """{"spec":{"rules":[{"backendRefs":[{"name":"echo-v2","port":8080}]}]}}""");
        await run.CheckAsync(Call.Get("/"), Expected.From("echo-v2"));
    });
}
