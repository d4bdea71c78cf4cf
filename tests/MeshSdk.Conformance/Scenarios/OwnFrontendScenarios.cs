using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>By which names and addresses a Service is called, and what is its route's and what is not.</summary>
internal static class OwnFrontendScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Own("names-of-a-service", "Mesh", "mesh/simple-same-namespace", [
            .. from name in new[] { "echo", "echo.gateway-conformance-mesh", "echo.gateway-conformance-mesh.svc", "echo.gateway-conformance-mesh.svc.cluster.local" }
               from url in new[] { $"http://{name}/", $"http://{name}:80/" }
               select Row(url, "echo-v1"),
            Row("http://echo.gateway-conformance-mesh.svc.cluster.local./", "echo-v1"),
            Row("http://ECHO.Gateway-Conformance-Mesh/", "echo-v1"),
        ]),
        Own(
            "cluster-ip-literals",
            "MeshClusterIPMatching",
            "own/dual-stack",
            Literal("IPv4", "0"),
            Literal("IPv6", "1")) with
        {
            // On demand a Service is loaded by its name; an address alone does not tell which one to load.
            Scope = MeshKubernetesScope.Namespaces,
        },
        Own(
            "https-urls-are-routed-before-tls",
            "Mesh",
            "own/unknown-filter",
            Row("https://echo/extension", 500)),
        Own(
            "backend-that-is-the-parent",
            "Mesh",
            "own/loop",
            Row(Call.Get("http://echo-v1/"), Expected.From("echo-v1").Seeing(("X-Once", "once")).Returning(("X-Once", "once"))),
            Row(Call.Get("http://echo-v2/"), Expected.From("echo-v2").Seeing(("X-Once", null)).Returning(("X-Once", null)))),
    ];

    /// <summary>The address of the Service itself in the URL.</summary>
    private static Case Literal(string family, string index) => Case.That($"GET the Service's {family} address → echo-v2", async run =>
    {
        var address = await run.World.FieldAsync("Service", Names.Mesh, "dual", "spec", "clusterIPs", index);
        Assert.Equal(family == "IPv6", address.Contains(':', StringComparison.Ordinal));
        await run.CheckAsync(Call.Get($"http://{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}/"), Expected.From("echo-v2"));
    });

    public static Scenario Own(string name, string feature, string manifest, params IReadOnlyList<Case> cases) =>
        new(name, feature) { Manifests = [manifest], Cases = cases };
}
