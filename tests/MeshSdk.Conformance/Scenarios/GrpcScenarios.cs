using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Echo;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>GRPCRoutes, called as plain HTTP/2.</summary>
internal static class GrpcScenarios
{
    private const int Unimplemented = 12;
    private const string Echo = $"/{GrpcEcho.Service}/Echo";
    private const string EchoTwo = $"/{GrpcEcho.Service}/EchoTwo";
    private const string EchoThree = $"/{GrpcEcho.Service}/EchoThree";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        OfGrpc("exact-method-matching", "GRPCRoute", To(Echo, V1), To(EchoTwo, V2), Row(Call.Grpc(EchoThree), Expected.Grpc(Unimplemented))),
        OfGrpc(
            "header-matching",
            "GRPCRoute",
            To(Echo, V1, ("version", "one")),
            To(Echo, V2, ("version", "two")),
            To(Echo, V1, ("version", "two"), ("color", "orange")),
            To(Echo, V2, ("version", "two"), ("color", "blue")),
            To(Echo, V1, ("color", "blue")),
            To(Echo, V1, ("color", "green")),
            To(Echo, V2, ("color", "red")),
            To(Echo, V2, ("color", "yellow")),
            Row(Call.Grpc(Echo, ("color", "orange")), Expected.Grpc(Unimplemented)),
            Row(Call.Grpc(Echo, ("some-other-header", "one")), Expected.Grpc(Unimplemented)),
            Row(Call.Grpc(Echo, ("color", "purple")), Expected.Grpc(Unimplemented))),
        OfGrpc("named-rule", "GRPCRouteNamedRouteRule", To(Echo, V1), To(EchoTwo, V2)),
        OfGrpc("weight", "GRPCRoute", Splits.Grpc(Echo, (V1, 70), (V2, 30))),
        OfGrpc("request-header-modifier", "GRPCRouteRequestHeaderModifier", Modified(V1, V2)),
    ];

    public static IReadOnlyList<Case> Modified(string one, string two) =>
    [
        Row(
            Call.Grpc(Path(one), ("x-test-case", "set"), ("some-other-header", "val"), ("x-header-set", "this-value-should-be-overwritten")),
            Expected.From(one).Seeing(("some-other-header", "val"), ("x-header-set", "set-overwrites-values"))),
        Row(
            Call.Grpc(Path(one), ("x-test-case", "add"), ("x-header-add", "this-value-should-be-appended")),
            Expected.From(one).Seeing(("x-header-add", "this-value-should-be-appended,add-appends-values"))),
        Row(Call.Grpc(Path(one), ("x-test-case", "remove"), ("x-header-remove", "val")), Expected.From(one).Seeing(("x-header-remove", null))),
        Row(
            Call.Grpc(Path(one), ("x-test-case", "multi"), ("x-header-set-2", "set-header-2"), ("x-header-add-2", "add-header-2"), ("x-header-remove-2", "remove-header-2")),
            Expected.From(two).Seeing(
                ("x-header-set-1", "header-set-1"), ("x-header-set-2", "header-set-2"), ("x-header-add-1", "header-add-1"),
                ("x-header-add-2", "add-header-2,header-add-2"), ("x-header-remove-1", null), ("x-header-remove-2", null))),
    ];

    /// <summary>The suites of mesh and gateway call services of their own.</summary>
    private static string Path(string pod) => pod == V1 ? Echo : EchoMessage.Path;

    private static Case To(string path, string pod, params (string, string)[] metadata) => Row(Call.Grpc(path, metadata), Expected.From(pod));

    private static Scenario OfGrpc(string name, string feature, params IReadOnlyList<Case> cases) => Gateway("httproute-" + name, feature, cases) with
    {
        Name = "grpcroute-" + name,
        Manifests = ["gateway/grpcroute-" + name],
        Origin = "http://gateway:7070",
        Versions = ["2.0"],
    };
}
