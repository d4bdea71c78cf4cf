using MeshSdk.Conformance.Cases;
using MeshSdk.Conformance.Cluster;
using MeshSdk.Conformance.Echo;
using static MeshSdk.Conformance.Scenarios.OwnFrontendScenarios;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>What a caller gets where there is nothing to forward to, in HTTP and in gRPC.</summary>
internal static class OwnOutcomeScenarios
{
    private const int DeadlineExceeded = 4;
    private const int Unimplemented = 12;
    private const int Unavailable = 14;

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Own(
            "outcomes",
            "HTTPRoute",
            "own/outcomes",
            Half("/half-invalid", "500"),
            Half("/half-without-endpoints", "503"),
            Row("/all-zero", 500),
            Row("/no-endpoints", 503),
            Row("/no-such-port", 500),
            Row("/external-name", 500),
            Row("/service-import", 500),
            Row("/zero-weight-nonexistent", "echo-v1"),
            Row("/no-match", 404),
            Row("/good", "echo-v1")),
        Own(
            "deleted-and-repaired",
            "HTTPRoute",
            "mesh/simple-same-namespace",
            Case.Changing("a deleted route leaves the Service as it is without one", static async run =>
            {
                await run.CheckAsync(Call.Get("/"), Expected.From("echo-v1"));
                await run.World.Api.DeleteAsync("HTTPRoute", Names.Mesh, "simple");
                await run.ConvergeAsync(async () =>
                {
                    var tally = await run.TallyAsync(Call.Get("/"), 4);
                    return tally.Count == 2 ? null : $"only {string.Join(", ", tally.Keys)} answered";
                });
            }),
            Case.Changing("a deleted backend answers 500, and is back when it is", static async run =>
            {
                await run.CheckAsync(Call.Get("/"), Expected.From("echo-v1"));
                await run.World.Api.DeleteAsync("Service", Names.Mesh, "echo-v1");
                await run.CheckAsync(Call.Get("/"), Expected.Answer(500));
                await run.ApplyAsync(Manifest.Read("base"));
                await run.CheckAsync(Call.Get("/"), Expected.From("echo-v1"));
            })),
        Own(
            "grpc-outcomes",
            "GRPCRoute",
            "own/grpc-outcomes",
            Row(Call.Grpc(EchoMessage.Path), Expected.From("echo-v1")),
            Row(Call.Grpc("/own.Nowhere/Call"), Expected.Grpc(Unimplemented)),
            Row(Call.Grpc("/own.NoBackend/Call"), Expected.Grpc(Unavailable)),
            Row(Call.Grpc("/own.NoEndpoints/Call"), Expected.Grpc(Unavailable)),
            Row(Call.Grpc("/own.Omitted/Call"), Expected.Grpc(Unavailable)),
            Row(Call.Grpc("/own.Unknown/Call"), Expected.Grpc(Unavailable)),
            Row(Call.Get("/plain"), Expected.From("echo-v2")),
            Row(Call.Get("/neither"), Expected.Answer(404)),
            Row(Call.Grpc($"http://echo{EchoMessage.Path}"), Expected.From("echo-v2")),
            Row(Call.Grpc($"http://echo{EchoMessage.Path}?delay=2s") with { IsUnary = true }, Expected.Grpc(DeadlineExceeded)),
            Row(Call.Grpc($"http://echo{EchoMessage.Path}?delay=500ms"), Expected.From("echo-v2")),
            Row(Call.Grpc("http://echo/own.Nowhere/Call"), Expected.Grpc(Unimplemented))) with
        {
            Origin = "http://echo:7070",
            Versions = ["2.0"],
        },
    ];

    /// <summary>Half of the calls are answered by the mesh, exactly.</summary>
    private static Case Half(string path, string status) => Case.That($"GET {path} ×500 → echo-v1 50 %, {status} 50 %", async run =>
    {
        await run.ConvergeAsync(async () => (await run.TallyAsync(Call.Get(path), 2)).Keys.Order(StringComparer.Ordinal).SequenceEqual([status, "echo-v1"]) ? null : "not both");
        var tally = await run.TallyAsync(Call.Get(path), 500);
        Assert.Equal(2, tally.Count);
        Assert.InRange(tally["echo-v1"], 248, 252);
        Assert.InRange(tally[status], 248, 252);
    });
}
