using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using static MeshSdk.Conformance.Scenarios.OwnFrontendScenarios;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Which routes count for a caller and a port, and in which order.</summary>
internal static class OwnMergeScenarios
{
    private const string Called = "http://echo-v1.gateway-conformance-mesh";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Own(
            "consumer-replaces-producer",
            "MeshConsumerRoute",
            "own/consumer-replaces-producer",
            Row(
                Call.Get(Called + "/") with { From = Names.Consumer },
                Expected.From("echo-v2").Returning(("X-Consumer", "yes"), ("X-Producer", null))),
            Row(
                Call.Get(Called + ":8080/") with { From = Names.Consumer },
                Expected.From("echo-v1").Returning(("X-Consumer", null), ("X-Producer", "yes"))),
            Row(
                Call.Get(Called + "/") with { From = Names.Mesh },
                Expected.From("echo-v1").Returning(("X-Consumer", null), ("X-Producer", "yes"))),
            Row(
                Call.Get(Called + "/") with { From = Names.Infra },
                Expected.From("echo-v1").Returning(("X-Consumer", null), ("X-Producer", "yes")))),
        Own(
            "section-name-of-a-service",
            "HTTPRouteParentRefPort",
            "own/section-name",
            Row(Call.Get("http://echo-v1:8080/"), Expected.From("echo-v2").Returning(("X-Section", "http-alt"))),
            Row(Call.Get("http://echo-v1/"), Expected.From("echo-v1").Returning(("X-Section", null)))),
        Own(
            "routes-with-and-without-port",
            "HTTPRouteParentRefPort",
            "own/merged-ports",
            Row("/all", "echo-v1"),
            Row("/one", "echo-v2"),
            Row("/neither", 404),
            Row("http://echo:8080/all", "echo-v1"),
            Row("http://echo:8080/one", 404)),
        Own("older-route-comes-first", "HTTPRoute", "own/ties", Row("/", "echo-v2")),
        Own("first-name-comes-first", "HTTPRoute", "own/ties", Row("/", "echo-v1")) with { SameAge = true },
    ];
}
