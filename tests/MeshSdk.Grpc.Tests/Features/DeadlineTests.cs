using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Features;

/// <summary>The deadline that a server sees: the caller's, or the route's where that is nearer and the call is unary.</summary>
public sealed class DeadlineTests(Servers servers)
{
    // What the server sees, of an hour that the caller has given and of none: in minutes, 0 for no deadline.
    public static TheoryData<CallKind, Layer, string, int, int> Cells =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           from row in new (string Timeout, int Given, int None)[] { ("", 60, 0), ("1800s", 30, 30), ("7200s", 60, 120), ("0s", 60, 0) }
           let isUnary = kind is CallKind.Unary or CallKind.BlockingUnary
           select (kind, layer, row.Timeout, isUnary ? row.Given : 60, isUnary ? row.None : 0),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task The_nearer_one_is_propagated(CallKind kind, Layer layer, string timeout, int given, int none)
    {
        var route = timeout.Length == 0 ? "" : Manifests.HttpRoute("backend", $$"""
              - timeouts: { request: {{timeout}} }
                backendRefs: [{ name: v1, port: 80 }]
            """);
        await using var caller = await MeshCaller.StartAsync(servers.Cluster(layer) + route, identity: servers.ClientOf(layer));
        foreach (var (isGiven, minutes) in new[] { (true, given), (false, none) })
        {
            var before = DateTime.UtcNow;
            var call = new Call(options: new CallOptions(deadline: isGiven ? before.AddHours(1) : null));

            Assert.Equal(StatusCode.OK, (await caller.Client.CallAsync(kind, call)).Status);

            // What is sent is what is left when it is sent, rounded; what the server makes of it begins when it arrives.
            var seen = Assert.Single(call.Arrivals).Deadline;
            if (minutes == 0)
            {
                Assert.Equal(DateTime.MaxValue, seen);
            }
            else
            {
                Assert.InRange(seen, before.AddMinutes(minutes).AddSeconds(-1), DateTime.UtcNow.AddMinutes(minutes).AddSeconds(1));
            }
        }
    }
}
