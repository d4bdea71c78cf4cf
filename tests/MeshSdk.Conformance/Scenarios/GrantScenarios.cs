using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Backends of other namespaces: with grants where they are enforced, and without where, as the mesh suite has it, they are not.</summary>
internal static class GrantScenarios
{
    private static readonly Dictionary<string, string?> Enforced = new() { ["Mesh:ReferenceGrants"] = "Enforce" };

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Enforcing("httproute-invalid-cross-namespace-backend-ref", Row("/", 500)),
        Enforcing("httproute-invalid-reference-grant", Row("/", 500)),
        Enforcing(
            "httproute-reference-grant",
            Case.Changing("a grant lets through, and not once it is gone", static async run =>
            {
                var web = Expected.From("web-backend-v1") with { Namespace = Names.Web };
                await run.CheckAsync(Call.Get("/"), web);
                await run.World.Api.DeleteAsync("ReferenceGrant", Names.Web, "reference-grant");
                await run.CheckAsync(Call.Get("/"), Expected.Answer(500));
                await run.ApplyAsync(Manifest.Read("gateway/reference-grant"));
                await run.CheckAsync(Call.Get("/"), web);
            })),
        Enforcing(
            "httproute-partially-invalid-via-invalid-reference-grant",
            Row(Call.Get("/v2"), Expected.Answer(500)),
            Row(Call.Get("/"), Expected.From("app-backend-v1") with { Namespace = Names.App })),
        new("cross-namespace-backend-ref-ignored-grants", "Mesh")
        {
            Manifests = ["gateway/invalid-cross-namespace-backend-ref"],
            Origin = "http://gateway",
            CallerNamespace = Names.Infra,
            Cases = [Row(Call.Get("/"), Expected.From("web-backend-v1") with { Namespace = Names.Web })],
        },
        new("httproute-cross-namespace", "MeshConsumerRoute")
        {
            Manifests = ["gateway/cross-namespace"],
            Origin = "http://gateway.gateway-conformance-infra",
            CallerNamespace = Names.Web,
            BackendNamespace = Names.Web,
            Cases = [Row("/", "web-backend-v1")],
        },
    ];

    private static Scenario Enforcing(string name, params IReadOnlyList<Case> cases) =>
        Gateway(name, "ReferenceGrant", cases) with { Settings = Enforced };
}
