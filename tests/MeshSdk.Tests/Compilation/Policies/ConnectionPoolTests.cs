using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation.Policies;

public sealed class ConnectionPoolTests
{
    [Theory]
    [InlineData("{tcp: {maxConnections: 1}}", "limits connections 1")]
    [InlineData("{tcp: {maxConnections: 0}, http: {http1MaxPendingRequests: 0, http2MaxRequests: 0, maxRequestsPerConnection: 0, maxRetries: 0, maxConcurrentStreams: 0}}", "")]
    [InlineData("{http: {http1MaxPendingRequests: 2, http2MaxRequests: 3}}", "limits pending 2 requests 3")]
    [InlineData("{http: {maxRequestsPerConnection: 4, maxConcurrentStreams: 5, maxRetries: 6}}", "limits requests-each 4 streams-each 5 retries 6")]
    [InlineData("{tcp: {tcpKeepalive: {}}}", "connections keepalive -/-/-")]
    [InlineData("{tcp: {tcpKeepalive: {probes: 3, time: 7200s, interval: 75s}}}", "connections keepalive 3/2h/1m15s")]
    [InlineData("{tcp: {maxConnectionDuration: 1h}}", "connections lasting 1h")]
    [InlineData("{tcp: {idleTimeout: 5m}}", "connections idle 5m")]
    [InlineData("{tcp: {idleTimeout: 0s}}", "connections idle ever")]
    [InlineData("{tcp: {idleTimeout: 0s}, http: {idleTimeout: 3s}}", "connections idle 3s")]
    [InlineData("{tcp: {idleTimeout: 5m}, http: {idleTimeout: 3s}}", "connections idle 3s")]
    [InlineData("{http: {http2KeepAlive: {interval: 10s, timeout: 2s}}}", "connections ping 10s/2s")]
    public void Every_field_is_read_and_zero_is_not_set(string pool, string expected)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{connectionPool: {pool}}}");
        Assert.Equal(expected, PolicyBlocks.Describe(cluster));
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void A_pool_that_limits_nothing_is_the_one_that_all_clusters_share()
    {
        var (cluster, _) = PolicyBlocks.Compile("{connectionPool: {tcp: {connectTimeout: 1s}}}");
        Assert.Same(ConnectionLimits.None, cluster.Limits);
        Assert.Same(ConnectionSettings.Default, cluster.Connections);
    }

    [Theory]
    [InlineData("{tcp: {maxConnections: -1}}", "connectionPool.tcp.maxConnections")]
    [InlineData("{tcp: {maxConnections: 1.5}}", "connectionPool.tcp.maxConnections")]
    [InlineData("{tcp: {maxConnections: many}}", "connectionPool.tcp.maxConnections")]
    [InlineData("{tcp: {maxConnections: 99999999999}}", "connectionPool.tcp.maxConnections")]
    [InlineData("{tcp: {tcpKeepalive: {time: 0s}}}", "connectionPool.tcp.tcpKeepalive.time")]
    [InlineData("{tcp: {tcpKeepalive: 7}}", "connectionPool.tcp.tcpKeepalive")]
    [InlineData("{tcp: {maxConnectionDuration: 10}}", "connectionPool.tcp.maxConnectionDuration")]
    [InlineData("{http: {idleTimeout: 0s}}", "connectionPool.http.idleTimeout")]
    [InlineData("{http: {maxRetries: [1]}}", "connectionPool.http.maxRetries")]
    [InlineData("{http: {h2UpgradePolicy: PLEASE}}", "connectionPool.http.h2UpgradePolicy")]
    [InlineData("{http: {useClientProtocol: sure}}", "connectionPool.http.useClientProtocol")]
    [InlineData("{http: {http2KeepAlive: {interval: 10s}}}", "connectionPool.http.http2KeepAlive")]
    [InlineData("{http: 7}", "connectionPool.http")]
    [InlineData("[]", "connectionPool")]
    public void A_field_that_cannot_be_used_costs_itself_alone(string pool, string path)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{connectionPool: {pool}, loadBalancer: {{simple: RANDOM}}}}");
        Assert.Equal([$"Error UnsupportedValue {path}"], diagnostics.Short());
        Assert.Equal((LoadBalancerKind.Random, ConnectionLimits.None), (cluster.LoadBalancer, cluster.Limits));
    }

    // The port as in name:number:appProtocol.
    [Theory]
    [InlineData("80", "{}", nameof(ClusterProtocol.Auto))]
    [InlineData("http:80", "{}", nameof(ClusterProtocol.Http1))]
    [InlineData("http2:80", "{}", nameof(ClusterProtocol.Http2))]
    [InlineData("80", "{h2UpgradePolicy: DEFAULT}", nameof(ClusterProtocol.Auto))]
    [InlineData("http:80", "{h2UpgradePolicy: DO_NOT_UPGRADE}", nameof(ClusterProtocol.Http1))]
    [InlineData("http2:80", "{h2UpgradePolicy: DO_NOT_UPGRADE}", nameof(ClusterProtocol.Http2))]
    [InlineData("http:80", "{h2UpgradePolicy: UPGRADE}", nameof(ClusterProtocol.Http2))]
    [InlineData("80", "{h2UpgradePolicy: UPGRADE}", nameof(ClusterProtocol.Http2))]
    [InlineData("http:80", "{useClientProtocol: true}", nameof(ClusterProtocol.Caller))]
    [InlineData("http2:80", "{useClientProtocol: true}", nameof(ClusterProtocol.Caller))]
    [InlineData("http:80", "{useClientProtocol: false}", nameof(ClusterProtocol.Http1))]
    public void The_protocol_is_that_of_the_port_unless_the_pool_decides(string port, string http, string expected)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{connectionPool: {{http: {http}}}}}", port);
        Assert.Equal(expected, cluster.Protocol.ToString());
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void The_clients_protocol_and_an_upgrade_exclude_each_other()
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile("{connectionPool: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}}");
        Assert.Equal(ClusterProtocol.Caller, cluster.Protocol);
        Assert.Equal(["Error UnsupportedValue connectionPool.http.h2UpgradePolicy"], diagnostics.Short());
    }

    [Theory]
    [InlineData("{}", "retry-share 20% min 3 in 0s", null)]
    [InlineData("{percent: 0, minRetryConcurrency: 0}", "retry-share 0% min 3 in 0s", null)]
    [InlineData("{percent: 12.5, minRetryConcurrency: 7, budgetInterval: 10s}", "retry-share 12.5% min 7 in 10s", null)]
    [InlineData("{percent: 101}", "retry-share 20% min 3 in 0s", "retryBudget.percent")]
    [InlineData("{minRetryConcurrency: 4294967295}", "retry-share 20% min 2147483647 in 0s", null)]
    [InlineData("{minRetryConcurrency: -1}", "retry-share 20% min 3 in 0s", "retryBudget.minRetryConcurrency")]
    [InlineData("{budgetInterval: soon}", "retry-share 20% min 3 in 0s", "retryBudget.budgetInterval")]
    [InlineData("7", "", "retryBudget")]
    public void A_retry_budget_stands_beside_the_pool(string budget, string expected, string? faulty)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{retryBudget: {budget}, connectionPool: {{http: {{maxRetries: 2}}}}}}");
        Assert.Equal($"limits retries 2 {expected}".Trim(), PolicyBlocks.Describe(cluster));
        Assert.Equal(faulty is null ? [] : [$"Error UnsupportedValue {faulty}"], diagnostics.Short());
    }

    [Theory]
    [InlineData("{}", nameof(ProxyProtocol.V1), null)]
    [InlineData("{version: V1}", nameof(ProxyProtocol.V1), null)]
    [InlineData("{version: V2}", nameof(ProxyProtocol.V2), null)]
    [InlineData("{version: V3}", nameof(ProxyProtocol.V1), "proxyProtocol.version")]
    [InlineData("[]", nameof(ProxyProtocol.None), "proxyProtocol")]
    public void The_PROXY_protocol_is_version_1_unless_it_says_otherwise(string block, string expected, string? faulty)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{proxyProtocol: {block}}}");
        Assert.Equal(expected, cluster.Connections.ProxyProtocol.ToString());
        Assert.Equal(faulty is null ? [] : [$"Error UnsupportedValue {faulty}"], diagnostics.Short());
    }
}
