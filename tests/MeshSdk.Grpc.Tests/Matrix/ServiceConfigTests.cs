using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>What a channel's service config asks for, under a split of half and half: attempts of one call stay on its backend and leave endpoints that were tried.</summary>
public sealed class ServiceConfigTests(Servers servers)
{
    private const string HalfAndHalf = """
          - backendRefs: [{ name: v1, port: 80 }, { name: v2, port: 80 }]
        """;

    private static readonly RetryPolicy Retry = new()
    {
        MaxAttempts = 3,
        InitialBackoff = TimeSpan.FromMilliseconds(1),
        MaxBackoff = TimeSpan.FromMilliseconds(1),
        BackoffMultiplier = 1,
        RetryableStatusCodes = { StatusCode.Unavailable },
    };

    // Without those that write while an attempt fails: Grpc.Net.Client, also without a mesh, now and then loses a message then, and the call does not end.
    private static readonly CallKind[] Kinds = [CallKind.Unary, CallKind.BlockingUnary, CallKind.ServerStream];

    private static Action<GrpcChannelOptions> Config(RetryPolicy? retry = null, HedgingPolicy? hedging = null, RetryThrottlingPolicy? throttling = null) =>
        options => options.ServiceConfig = new ServiceConfig
        {
            MethodConfigs = { new MethodConfig { Names = { MethodName.Default }, RetryPolicy = retry, HedgingPolicy = hedging } },
            RetryThrottling = throttling,
        };

    [Theory]
    [InlineData(ClientWay.Invoker)]
    [InlineData(ClientWay.Factory)]
    public async Task Retries_stay_on_the_backend_and_go_to_another_endpoint(ClientWay way)
    {
        await using var caller = await StartAsync(way, Config(Retry));
        var backends = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < 200; i++)
        {
            var call = new Call("status:14,ok");
            Assert.Equal(StatusCode.OK, (await caller.Client.CallAsync(Kinds[i % Kinds.Length], call)).Status);
            Assert.Equal(2, call.Arrivals.Count);
            var (first, second) = (call.Arrivals[0].Server, call.Arrivals[1].Server);
            Assert.Equal(first[..2], second[..2]);
            Assert.NotEqual(first, second);
            Assert.Equal([null, "1"], call.Arrivals.Select(static arrival => arrival.Find("grpc-previous-rpc-attempts")));
            backends[first[..2]] = backends.GetValueOrDefault(first[..2]) + 1;
        }

        Assert.Equal((100, 100), (backends["v1"], backends["v2"]));
    }

    [Theory]
    [InlineData(ClientWay.PlainFactory)]
    [InlineData(ClientWay.Channel)]
    public async Task Without_what_knows_calls_each_attempt_is_routed_by_itself(ClientWay way)
    {
        await using var caller = await StartAsync(way, Config(Retry));
        var moved = 0;
        for (var i = 0; i < 100; i++)
        {
            var call = new Call("status:14,ok");
            Assert.Equal(StatusCode.OK, (await caller.Client.CallAsync(call)).Status);
            moved += call.Arrivals[0].Server[..2] == call.Arrivals[1].Server[..2] ? 0 : 1;
        }

        Assert.True(moved > 0, "All calls stayed on their backends.");
    }

    [Theory]
    [InlineData("status:14", StatusCode.Unavailable, 3)]
    [InlineData("status:14,status:13", StatusCode.Internal, 2)]
    [InlineData("status:13", StatusCode.Internal, 1)]
    [InlineData("headers:14", StatusCode.Unavailable, 1)]
    [InlineData("status:14:-1", StatusCode.Unavailable, 1)]
    [InlineData("status:14:5,ok", StatusCode.OK, 2)]
    public async Task Attempts_end_as_gRPC_says(string script, StatusCode status, int attempts)
    {
        foreach (var way in new[] { ClientWay.Invoker, ClientWay.Factory, ClientWay.Channel })
        {
            await using var caller = await StartAsync(way, Config(Retry));
            foreach (var kind in Kinds)
            {
                var call = new Call(script);
                Assert.Equal(status, (await caller.Client.CallAsync(kind, call)).Status);
                Assert.Equal(attempts, call.Arrivals.Count);
            }
        }
    }

    [Theory]
    [InlineData(ClientWay.Invoker)]
    [InlineData(ClientWay.Factory)]
    public async Task Hedges_go_to_the_endpoints_of_one_backend_and_losers_mark_nothing(ClientWay way)
    {
        const string OneStrike = "outlierDetection: { consecutive5xxErrors: 1, maxEjectionPercent: 100, interval: 3600s, baseEjectionTime: 3600s }";
        var hedging = new HedgingPolicy { MaxAttempts = 2, HedgingDelay = TimeSpan.FromMilliseconds(1), NonFatalStatusCodes = { StatusCode.Unavailable } };
        await using var caller = await StartAsync(way, Config(hedging: hedging), OneStrike);
        foreach (var kind in new[] { CallKind.Unary, CallKind.ServerStream })
        {
            for (var i = 0; i < 10; i++)
            {
                var call = new Call("wait,ok");
                var result = await caller.Client.CallAsync(kind, call);

                Assert.Equal(StatusCode.OK, result.Status);
                Assert.Equal(2, call.Arrivals.Count);
                Assert.Equal(call.Arrivals[1].Server, result.Server);
                Assert.Equal(call.Arrivals[0].Server[..2], call.Arrivals[1].Server[..2]);
                Assert.NotEqual(call.Arrivals[0].Server, call.Arrivals[1].Server);
                await call.Arrivals[0].Cancelled.WaitAsync(Eventually.Patience);
            }
        }

        await caller.IdleAsync("v1", "v2");
        Assert.Equal((2, 2), (caller.Usable("v1").Count, caller.Usable("v2").Count));
    }

    // gRPC's own numbers: 10 tokens, half a token a success, no retry at 5 or below.
    [Fact]
    public async Task Throttling_stops_retries_as_gRPC_counts()
    {
        var retry = new RetryPolicy
        {
            MaxAttempts = 4,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            MaxBackoff = TimeSpan.FromMilliseconds(1),
            BackoffMultiplier = 1,
            RetryableStatusCodes = { StatusCode.Unavailable },
        };
        await using var caller = await StartAsync(ClientWay.Invoker, Config(retry, throttling: new RetryThrottlingPolicy { MaxTokens = 10, TokenRatio = 0.5 }));
        var index = -1;
        foreach (var (status, last) in new[]
        {
            (StatusCode.OK, 0), (StatusCode.OK, 3), (StatusCode.OK, 6), (StatusCode.Unavailable, 8), (StatusCode.Unavailable, 9), (StatusCode.OK, 10),
            (StatusCode.OK, 11), (StatusCode.OK, 12), (StatusCode.OK, 13), (StatusCode.OK, 14), (StatusCode.OK, 16), (StatusCode.Unavailable, 17),
        })
        {
            // The steps of the script that are left, as if one script went over all calls.
            var call = new Call(string.Join(',', Enumerable.Range(index + 1, 8).Select(static i => i is 0 or 3 or 6 or (>= 10 and <= 14) or 16 or 18 ? "ok" : "status:14")));
            Assert.Equal(status, (await caller.Client.CallAsync(call)).Status);
            index += call.Arrivals.Count;
            Assert.Equal(last, index);
        }
    }

    private Task<MeshCaller> StartAsync(ClientWay way, Action<GrpcChannelOptions> config, string policy = "") =>
        MeshCaller.StartAsync(servers.Cluster(Layer.Plaintext, policy) + Manifests.GrpcRoute("backend", HalfAndHalf), way, channel: config);
}
