using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.OwnFrontendScenarios;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Matching and filters where the upstream suite does not look.</summary>
internal static class OwnFilterScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Own(
            "unknown-filter",
            "HTTPRoute",
            "own/unknown-filter",
            Row("/extension", 500),
            Row("/external-auth", 500),
            Row("/backend", 500),
            Row("/good", "echo-v1"),
            Row("/no-match", 404)),
        Own(
            "filters-in-the-order-written",
            "HTTPRoute",
            "own/order",
            Row(Call.Get("/"), Expected.From("echo-v1").Seeing(("X-Order", "rule,backend")).Returning(("X-Order", "backend,rule")))),
        Own("prefix-replacement", "HTTPRoutePathRewrite", "own/prefixes", [
            .. new[]
            {
                ("/foo/bar", "/xyz/bar"), ("/foo", "/xyz"), ("/foo/", "/xyz/"), ("/bar/bar", "/xyz/bar"), ("/baz/bar", "/xyz/bar"), ("/qux/bar", "/xyz/bar"),
                ("/empty/bar", "/bar"), ("/empty/", "/"), ("/empty", "/"), ("/slash/", "/"), ("/slash", "/"), ("/foo/bar?a=1&b=%20", "/xyz/bar?a=1&b=%20"),
            }.Select(static row => Row(Call.Get(row.Item1), Expected.From("echo-v1") with { Target = row.Item2 })),
        ]),
        Own(
            "matching-in-detail",
            "HTTPRoute",
            "own/matching",
            Row("/headers", ("x-wEiRd-CaSe", "Kept"), "echo-v2"),
            Row("/headers", ("x-weird-case", "kept"), "echo-v1"),
            Row(Call.Send("POST", "/content", ("Content-Type", "application/x-own")) with { Body = "own" }, Expected.From("echo-v2")),
            Row(Call.Send("POST", "/content", ("Content-Type", "application/x-other")) with { Body = "own" }, Expected.From("echo-v1")),
            Row("/host", ("Host", "asked.example"), "echo-v2"),
            Row("/host", "echo-v1"),
            Row("/query?a=1+2", "echo-v2"),
            Row("/query?a=1%202", "echo-v2"),
            Row("/query?a=1+2&a=3", "echo-v2"),
            Row("/query?a=3&a=1+2", "echo-v1"),
            Row("/query?A=1+2", "echo-v1"),
            // Any prefix comes before a regular expression.
            Row("/regex/42", "echo-v1"),
            Row("http://echo-v2/regex/42", "echo-v1"),
            Row("http://echo-v2/regex/42x", 404),
            Row("http://echo-v2/x/regex/42", 404),
            Row("http://echo-v2/REGEX/42", 404)),
    ];
}
