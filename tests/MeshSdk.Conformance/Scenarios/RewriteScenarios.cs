using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Rewritten paths and hosts, and redirects of backends.</summary>
internal static class RewriteScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway("httproute-rewrite-path", "HTTPRoutePathRewrite", HeaderRows.RewritePath(V1)),
        Gateway(
            "httproute-rewrite-host",
            "HTTPRouteHostRewrite",
            Row(Call.Get("/one"), Expected.From(V1) with { Host = "one.example.org" }),
            Row(Call.Get("/two"), Expected.From(V2) with { Host = "example.org" }),
            HeaderRows.RewriteHostAndModify("/rewrite-host-and-modify-headers", "test.example.org", V2)),
        Gateway(
            "httproute-backend-url-rewrite",
            "HTTPRouteBackendURLRewrite",
            Row(Call.Get("/full/original"), Expected.From(V1) with { Target = "/rewritten-full" }),
            Row(Call.Get("/prefix/original"), Expected.From(V1) with { Target = "/rewritten-prefix/original" })),
        Gateway(
            "httproute-backend-request-redirect",
            "HTTPRouteBackendRequestRedirect",
            Redirect("/full/original", 302, "http://gateway/redirected-full"),
            Redirect("/prefix/original", 302, "http://gateway/redirected-prefix/original")),
    ];
}
