using System.Globalization;
using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>Which statuses of gRPC have an endpoint ejected, in trailers-only replies and in real trailers alike: the HTTP status that Envoy takes each of them for.</summary>
public sealed class OutlierStatusTests(Servers servers)
{
    // Of each status: whether it counts for consecutive5xxErrors, and whether for consecutiveGatewayErrors.
    private static readonly (StatusCode Status, bool IsError, bool IsGatewayError)[] Statuses =
    [
        (StatusCode.OK, false, false),                  // 200
        (StatusCode.Cancelled, false, false),           // 499
        (StatusCode.Unknown, true, false),              // 500
        (StatusCode.InvalidArgument, false, false),     // 400
        (StatusCode.DeadlineExceeded, true, true),      // 504
        (StatusCode.NotFound, false, false),            // 404
        (StatusCode.AlreadyExists, false, false),       // 409
        (StatusCode.PermissionDenied, false, false),    // 403
        (StatusCode.ResourceExhausted, false, false),   // 429
        (StatusCode.FailedPrecondition, false, false),  // 400
        (StatusCode.Aborted, false, false),             // 409
        (StatusCode.OutOfRange, false, false),          // 400
        (StatusCode.Unimplemented, true, false),        // 501
        (StatusCode.Internal, true, false),             // 500
        (StatusCode.Unavailable, true, true),           // 503
        (StatusCode.DataLoss, true, false),             // 500
        (StatusCode.Unauthenticated, false, false),     // 401
    ];

    public static TheoryData<StatusCode, bool, string, bool> Cells =>
    [
        .. from row in Statuses
           from inTrailers in new[] { false, true }
           from detector in new[] { "consecutive5xxErrors: 1", "consecutive5xxErrors: 0, consecutiveGatewayErrors: 1" }
           select (row.Status, inTrailers, detector, detector.StartsWith("consecutive5xxErrors: 1", StringComparison.Ordinal) ? row.IsError : row.IsGatewayError),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_status_ejects_as_its_HTTP_status_would(StatusCode status, bool inTrailers, string detector, bool isEjected)
    {
        var policy = $"outlierDetection: {{ {detector}, maxEjectionPercent: 100, interval: 3600s, baseEjectionTime: 3600s }}";
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", Layer.Plaintext, policy, servers.Of(Layer.Plaintext, "v1-a")));
        var number = ((int)status).ToString(CultureInfo.InvariantCulture);

        // A unary call that ends with OK and no message is an error of its own, so there is a stream for this.
        var result = await caller.Client.CallAsync(CallKind.ServerStream, new Call($"{(inTrailers ? "headers" : "status")}:{number}"));

        Assert.Equal(status, result.Status);
        Assert.Equal($"backend 200 {number} -", Assert.Single(await caller.CountedAsync(1)));
        await caller.IdleAsync("backend");
        Assert.Equal(isEjected ? 0 : 1, caller.Usable().Count);
    }

    [Fact]
    public async Task Errors_in_a_row_count_over_kinds_of_calls_and_an_answer_breaks_the_row()
    {
        const string ThreeStrikes = "outlierDetection: { consecutive5xxErrors: 3, maxEjectionPercent: 100, interval: 3600s, baseEjectionTime: 3600s }";
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", Layer.Plaintext, ThreeStrikes, servers.Of(Layer.Plaintext, "v1-a")));
        foreach (var (kind, script) in new[]
        {
            (CallKind.Unary, "status:14"), (CallKind.Duplex, "headers:14"), (CallKind.Unary, "ok"),
            (CallKind.ServerStream, "replied:14"), (CallKind.ClientStream, "status:13"),
        })
        {
            await caller.Client.CallAsync(kind, new Call(script));
            await caller.IdleAsync("backend");
            Assert.Single(caller.Usable());
        }

        await caller.Client.CallAsync(CallKind.Duplex, new Call("replied:2"));
        await caller.IdleAsync("backend");
        Assert.Empty(caller.Usable());
    }
}
