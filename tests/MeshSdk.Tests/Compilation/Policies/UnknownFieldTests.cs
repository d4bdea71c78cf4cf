using MeshSdk.Compilation.Policies;

namespace MeshSdk.Tests.Compilation.Policies;

public sealed class UnknownFieldTests
{
    [Theory]
    [InlineData("{outlierDetection: {consecutive5xxError: 3}}", "outlierDetection.consecutive5xxError", "consecutive5xxErrors")]
    [InlineData("{outlierDetection: {consecutive5xx: 3}}", "outlierDetection.consecutive5xx", "consecutive5xxErrors")]
    [InlineData("{outlierDetection: {Interval: 3s}}", "outlierDetection.Interval", "interval")]
    [InlineData("{outlierDetection: {enabled: true}}", "outlierDetection.enabled", null)]
    [InlineData("{connectionPool: {http2: {}}}", "connectionPool.http2", "http")]
    [InlineData("{connectionPool: {tcp: {maxConnection: 3}}}", "connectionPool.tcp.maxConnection", "maxConnections")]
    [InlineData("{connectionPool: {tcp: {tcpKeepalive: {intervall: 3s}}}}", "connectionPool.tcp.tcpKeepalive.intervall", "interval")]
    [InlineData("{connectionPool: {http: {maxRetrys: 3}}}", "connectionPool.http.maxRetrys", "maxRetries")]
    [InlineData("{connectionPool: {http: {http2KeepAlive: {interval: 3s, timeout: 1s, timeouts: 1s}}}}", "connectionPool.http.http2KeepAlive.timeouts", "timeout")]
    [InlineData("{loadBalancer: {simpel: RANDOM}}", "loadBalancer.simpel", "simple")]
    [InlineData("{loadBalancer: {consistentHash: {useSourceIp: true, maglevs: {}}}}", "loadBalancer.consistentHash.maglevs", "maglev")]
    [InlineData("{loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tablesize: 7}}}}", "loadBalancer.consistentHash.maglev.tablesize", "tableSize")]
    [InlineData("{loadBalancer: {consistentHash: {useSourceIp: true, ringHash: {ringSize: 7}}}}", "loadBalancer.consistentHash.ringHash.ringSize", null)]
    [InlineData("{loadBalancer: {consistentHash: {httpCookie: {name: c, tll: 3s}}}}", "loadBalancer.consistentHash.httpCookie.tll", "ttl")]
    [InlineData("{loadBalancer: {consistentHash: {httpCookie: {name: c, attributes: [{name: a, values: b}]}}}}",
        "loadBalancer.consistentHash.httpCookie.attributes[0].values", "value")]
    [InlineData("{loadBalancer: {warmup: {duration: 3s, agression: 2}}}", "loadBalancer.warmup.agression", "aggression")]
    [InlineData("{retryBudget: {percentage: 3}}", "retryBudget.percentage", "percent")]
    [InlineData("{proxyProtocol: {versions: V2}}", "proxyProtocol.versions", "version")]
    [InlineData("{tls: {mod: DISABLE}}", "tls.mod", "mode")]
    [InlineData("{outlierDetections: {}}", "outlierDetections", "outlierDetection")]
    [InlineData("{portLevelSettings: [{port: {number: 80}, loadbalancer: {}}]}", "portLevelSettings[0].loadbalancer", "loadBalancer")]
    [InlineData("{portLevelSettings: [{port: {number: 80}, connectionPool: {tpc: {}}}]}", "portLevelSettings[0].connectionPool.tpc", null)]
    public void A_field_that_there_is_none_of_is_named_with_the_nearest_that_there_is(string policy, string path, string? meant)
    {
        var diagnostic = Assert.Single(PolicyBlocks.Compile(policy).Diagnostics);
        Assert.Equal([$"Warning Ignored {path}"], new[] { diagnostic }.Short());
        Assert.EndsWith(meant is null ? "nothing comes of it" : $"did you mean {meant}?", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_field_there_is_is_known()
    {
        var (_, diagnostics) = PolicyBlocks.Compile(
            """
            {
              loadBalancer: {consistentHash: {
                httpCookie: {name: c, path: /, ttl: 3s, attributes: [{name: a, value: b}]}, ringHash: {minimumRingSize: 7}}},
              connectionPool: {
                tcp: {maxConnections: 1, connectTimeout: 1s, tcpKeepalive: {probes: 1, time: 1s, interval: 1s}, maxConnectionDuration: 1s, idleTimeout: 1s},
                http: {http1MaxPendingRequests: 1, http2MaxRequests: 1, maxRequestsPerConnection: 1, maxRetries: 1, idleTimeout: 1s, h2UpgradePolicy: DEFAULT,
                  useClientProtocol: true, maxConcurrentStreams: 1, http2KeepAlive: {interval: 1s, timeout: 1s}}},
              outlierDetection: {splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 1, consecutiveGatewayErrors: 1, consecutive5xxErrors: 1,
                interval: 1s, baseEjectionTime: 1s, maxEjectionPercent: 1, minHealthPercent: 1, outlierDetectionHttpErrorCodes: [503]},
              tls: {mode: DISABLE},
              proxyProtocol: {version: V1},
              retryBudget: {percent: 1, minRetryConcurrency: 1, budgetInterval: 1s}
            }
            """);
        Assert.Empty(diagnostics);
    }

    [Theory]
    [InlineData("maxRetries", "maxRetries")]
    [InlineData("max_retries", "maxRetries")]
    [InlineData("MAXRETRIES", "maxRetries")]
    [InlineData("retries", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void Only_what_is_near_is_guessed(string name, string? meant) => Assert.Equal(meant, NearestName.Of(name, ["maxRetries", "maxRequests", "time"]));

    [Fact]
    public void A_name_of_any_length_costs_nothing() => Assert.Null(NearestName.Of(new string('x', 1_000_000), ["maxRetries"]));
}
