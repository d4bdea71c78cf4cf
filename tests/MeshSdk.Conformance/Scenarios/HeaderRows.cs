using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>The tables of header modifiers and rewrites, which the suite has for rules and backends, and for meshes and gateways.</summary>
internal static class HeaderRows
{
    private static readonly (string, string) Other = ("Some-Other-Header", "val");

    private static readonly (string, string)[] Modified =
        [("X-Header-Remove", "remove-val"), ("X-Header-Add-Append", "append-val-1"), ("X-Header-Set", "set-val")];

    private static readonly (string, string?)[] AfterModification =
        [("X-Header-Add", "header-val-1"), ("X-Header-Add-Append", "append-val-1,header-val-2"), ("X-Header-Set", "set-overwrites-values"), ("X-Header-Remove", null)];

    public static IReadOnlyList<Case> Request(string pod) =>
    [
        Row(Call.Get("/set", Other), Expected.From(pod).Seeing(("Some-Other-Header", "val"), ("X-Header-Set", "set-overwrites-values"))),
        Row(
            Call.Get("/set", Other, ("X-Header-Set", "some-other-value")),
            Expected.From(pod).Seeing(("Some-Other-Header", "val"), ("X-Header-Set", "set-overwrites-values"))),
        Row(Call.Get("/add", Other), Expected.From(pod).Seeing(("Some-Other-Header", "val"), ("X-Header-Add", "add-appends-values"))),
        Row(
            Call.Get("/add", Other, ("X-Header-Add", "some-other-value")),
            Expected.From(pod).Seeing(("Some-Other-Header", "val"), ("X-Header-Add", "some-other-value,add-appends-values"))),
        Row(Call.Get("/remove", ("X-Header-Remove", "val")), Expected.From(pod).Seeing(("X-Header-Remove", null))),
        Row(
            Call.Get(
                "/multiple",
                ("X-Header-Set-2", "set-val-2"), ("X-Header-Add-2", "add-val-2"), ("X-Header-Remove-2", "remove-val-2"), ("Another-Header", "another-header-val")),
            Expected.From(pod).Seeing(
                ("X-Header-Set-1", "header-set-1"), ("X-Header-Set-2", "header-set-2"), ("X-Header-Add-1", "header-add-1"),
                ("X-Header-Add-2", "add-val-2,header-add-2"), ("X-Header-Add-3", "header-add-3"), ("Another-Header", "another-header-val"),
                ("X-Header-Remove-1", null), ("X-Header-Remove-2", null))),
        Row(
            Call.Get(
                "/case-insensitivity",
                ("x-header-set", "original-val-set"), ("x-header-add", "original-val-add"), ("x-header-remove", "original-val-remove"),
                ("Another-Header", "another-header-val")),
            Expected.From(pod).Seeing(
                ("X-Header-Set", "header-set"), ("X-Header-Add", "original-val-add,header-add"), ("X-Header-Remove", null), ("Another-Header", "another-header-val"))),
    ];

    public static IReadOnlyList<Case> Response(string pod) =>
    [
        Row(Answering("/set", "Some-Other-Header:val"), Expected.From(pod).Returning(("Some-Other-Header", "val"), ("X-Header-Set", "set-overwrites-values"))),
        Row(
            Answering("/set", "Some-Other-Header:val,X-Header-Set:some-other-value"),
            Expected.From(pod).Returning(("Some-Other-Header", "val"), ("X-Header-Set", "set-overwrites-values"))),
        Row(Answering("/add", "Some-Other-Header:val"), Expected.From(pod).Returning(("Some-Other-Header", "val"), ("X-Header-Add", "add-appends-values"))),
        Row(
            Answering("/add", "Some-Other-Header:val,X-Header-Add:some-other-value"),
            Expected.From(pod).Returning(("Some-Other-Header", "val"), ("X-Header-Add", "some-other-value,add-appends-values"))),
        Row(Answering("/remove", "X-Header-Remove:val"), Expected.From(pod).Returning(("X-Header-Remove", null))),
        Row(
            Answering("/multiple", "X-Header-Set-2:set-val-2,X-Header-Add-2:add-val-2,X-Header-Remove-2:remove-val-2,Another-Header:another-header-val"),
            Expected.From(pod).Returning(
                ("X-Header-Set-1", "header-set-1"), ("X-Header-Set-2", "header-set-2"), ("X-Header-Add-1", "header-add-1"),
                ("X-Header-Add-2", "add-val-2,header-add-2"), ("X-Header-Add-3", "header-add-3"), ("Another-Header", "another-header-val"),
                ("X-Header-Remove-1", null), ("X-Header-Remove-2", null))),
        Row(
            Answering(
                "/case-insensitivity",
                "x-header-set:original-val-set,x-header-add:original-val-add,x-header-remove:original-val-remove,Another-Header:another-header-val"),
            Expected.From(pod).Returning(
                ("X-Header-Set", "header-set"), ("X-Header-Add", "original-val-add,header-add"), ("X-Header-Remove", null), ("Another-Header", "another-header-val"))),
    ];

    public static IReadOnlyList<Case> RewritePath(string pod) =>
    [
        Row(Call.Get("/prefix/one/two"), Expected.From(pod) with { Target = "/one/two" }),
        Row(Call.Get("/prefix/one/two?kept=1"), Expected.From(pod) with { Target = "/one/two?kept=1" }),
        Row(Call.Get("/strip-prefix/three"), Expected.From(pod) with { Target = "/three" }),
        Row(Call.Get("/strip-prefix"), Expected.From(pod) with { Target = "/" }),
        Row(Call.Get("/full/one/two"), Expected.From(pod) with { Target = "/one" }),
        Row(
            Call.Get("/full/rewrite-path-and-modify-headers/test", Modified),
            (Expected.From(pod) with { Target = "/test" }).Seeing(AfterModification)),
        Row(
            Call.Get("/prefix/rewrite-path-and-modify-headers/one", Modified),
            (Expected.From(pod) with { Target = "/prefix/rewrite-path-and-modify-headers/one" }).Seeing(AfterModification)),
    ];

    public static Case RewriteHostAndModify(string path, string host, string pod) =>
        Row(Call.Get(path, Modified), (Expected.From(pod) with { Host = host }).Seeing(AfterModification));

    /// <summary>A call whose answer has headers of the server's own.</summary>
    private static Call Answering(string path, string headers) => Call.Get(path, (Echo.EchoServer.ResponseHeaders, headers));
}
