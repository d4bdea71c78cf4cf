using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation.Policies;

public sealed class LoadBalancerTests
{
    [Theory]
    [InlineData("{httpHeaderName: x-user}", "RingHash", "hash Header x-user ring 1024")]
    [InlineData("{httpQueryParameterName: q}", "RingHash", "hash QueryParameter q ring 1024")]
    [InlineData("{useSourceIp: true}", "RingHash", "hash SourceAddress  ring 1024")]
    [InlineData("{httpCookie: {name: c}}", "RingHash", "hash Cookie c ring 1024 ttl - path -")]
    [InlineData("{httpCookie: {name: c, ttl: 0s}}", "RingHash", "hash Cookie c ring 1024 ttl 0s path -")]
    [InlineData(
        "{httpCookie: {name: c, ttl: 1h, path: /a, attributes: [{name: SameSite, value: Strict}, {name: Secure}]}}", "RingHash",
        "hash Cookie c ring 1024 ttl 1h path /a SameSite=Strict Secure=")]
    [InlineData("{httpHeaderName: '', useSourceIp: true}", "RingHash", "hash SourceAddress  ring 1024")]
    [InlineData("{httpHeaderName: h, httpQueryParameterName: '', useSourceIp: false}", "RingHash", "hash Header h ring 1024")]
    [InlineData("{httpHeaderName: h, ringHash: {}}", "RingHash", "hash Header h ring 1024")]
    [InlineData("{httpHeaderName: h, ringHash: {minimumRingSize: 0}}", "RingHash", "hash Header h ring 1024")]
    [InlineData("{httpHeaderName: h, ringHash: {minimumRingSize: 2048}}", "RingHash", "hash Header h ring 2048")]
    [InlineData("{httpHeaderName: h, minimumRingSize: 4096}", "RingHash", "hash Header h ring 4096")]
    [InlineData("{httpHeaderName: h, maglev: {}}", "Maglev", "hash Header h table 65537")]
    [InlineData("{httpHeaderName: h, maglev: {tableSize: 0}}", "Maglev", "hash Header h table 65537")]
    [InlineData("{httpHeaderName: h, maglev: {tableSize: 17}}", "Maglev", "hash Header h table 17")]
    [InlineData("{httpHeaderName: h, maglev: {tableSize: 4999999}}", "Maglev", "hash Header h table 4999999")]
    public void What_is_hashed_and_over_which_table_is_read(string hash, string kind, string expected)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{loadBalancer: {{consistentHash: {hash}}}}}");
        Assert.Equal((kind, expected), (cluster.LoadBalancer.ToString(), PolicyBlocks.Describe(cluster)));
        Assert.Empty(diagnostics);
    }

    // What cannot be used of a hash, what is left of it, and what is told.
    [Theory]
    [InlineData("{}", "RingHash", "hash None  ring 1024", "Warning Ignored loadBalancer.consistentHash")]
    [InlineData("{ringHash: {minimumRingSize: 7}}", "RingHash", "hash None  ring 7", "Warning Ignored loadBalancer.consistentHash")]
    [InlineData("{useSourceIp: false, maglev: {}}", "Maglev", "hash None  table 65537", "Warning Ignored loadBalancer.consistentHash")]
    [InlineData("{httpHeaderName: ''}", "RingHash", "hash None  ring 1024", "Warning Ignored loadBalancer.consistentHash")]
    [InlineData("7", "LeastRequest", "", "Error UnsupportedValue loadBalancer.consistentHash")]
    [InlineData("{httpHeaderName: h, useSourceIp: true}", "RingHash", "hash Header h ring 1024", "Error UnsupportedValue loadBalancer.consistentHash.useSourceIp")]
    [InlineData("{httpHeaderName: h, maglev: {tableSize: 16}}", "Maglev", "hash Header h table 65537", "Error UnsupportedValue loadBalancer.consistentHash.maglev.tableSize")]
    [InlineData("{httpHeaderName: h, maglev: {tableSize: 5000011}}", "Maglev", "hash Header h table 65537", "Error UnsupportedValue loadBalancer.consistentHash.maglev.tableSize")]
    [InlineData("{httpHeaderName: h, maglev: {tableSize: 1}}", "Maglev", "hash Header h table 65537", "Error UnsupportedValue loadBalancer.consistentHash.maglev.tableSize")]
    [InlineData("{httpHeaderName: h, ringHash: {minimumRingSize: 9000000}}", "RingHash", "hash Header h ring 8388608", "Error UnsupportedValue loadBalancer.consistentHash.ringHash.minimumRingSize")]
    [InlineData("{httpHeaderName: h, ringHash: {minimumRingSize: 18446744073709551615}}", "RingHash", "hash Header h ring 8388608", "Error UnsupportedValue loadBalancer.consistentHash.ringHash.minimumRingSize")]
    [InlineData("{httpHeaderName: h, ringHash: {minimumRingSize: -1}}", "RingHash", "hash Header h ring 1024", "Error UnsupportedValue loadBalancer.consistentHash.ringHash.minimumRingSize")]
    [InlineData("{httpHeaderName: h, ringHash: {}, minimumRingSize: 9}", "RingHash", "hash Header h ring 1024", "Warning Ignored loadBalancer.consistentHash.minimumRingSize")]
    [InlineData("{httpCookie: {name: c, ttl: soon}}", "RingHash", "hash Cookie c ring 1024 ttl - path -", "Error UnsupportedValue loadBalancer.consistentHash.httpCookie.ttl")]
    [InlineData("{httpCookie: {name: c, path: '/;x'}}", "RingHash", "hash Cookie c ring 1024 ttl - path -", "Error UnsupportedValue loadBalancer.consistentHash.httpCookie.path")]
    [InlineData("{httpCookie: {name: c, attributes: [{name: A}, {name: a, value: b}]}}", "RingHash", "hash Cookie c ring 1024 ttl - path - A=", "Error UnsupportedValue loadBalancer.consistentHash.httpCookie.attributes[1].name")]
    [InlineData("{httpCookie: {name: c, attributes: [{name: a, value: \"b\\r\\nX: y\"}]}}", "RingHash", "hash Cookie c ring 1024 ttl - path -", "Error UnsupportedValue loadBalancer.consistentHash.httpCookie.attributes[0]")]
    public void What_cannot_be_used_is_told(string hash, string kind, string expected, string diagnostic)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{loadBalancer: {{consistentHash: {hash}}}}}");
        Assert.Equal((kind, expected), (cluster.LoadBalancer.ToString(), PolicyBlocks.Describe(cluster)));
        Assert.Equal([diagnostic], diagnostics.Short());
    }

    [Fact]
    public void A_cookie_without_a_name_is_no_hash()
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile("{loadBalancer: {consistentHash: {httpCookie: {ttl: 1s}}}}");
        Assert.Equal((LoadBalancerKind.RingHash, HashSource.None), (cluster.LoadBalancer, cluster.Hash!.Source));
        Assert.Equal(
            ["Error UnsupportedValue loadBalancer.consistentHash.httpCookie.name", "Warning Ignored loadBalancer.consistentHash"], diagnostics.Short());
    }

    [Fact]
    public void Hash_and_simple_exclude_each_other()
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile("{loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}}}");
        Assert.Equal(LoadBalancerKind.RingHash, cluster.LoadBalancer);
        Assert.Equal(["Error UnsupportedValue loadBalancer.consistentHash"], diagnostics.Short());
    }

    [Theory]
    [InlineData("{warmupDurationSecs: 60s}", "1m from 10% ^1")]
    [InlineData("{simple: ROUND_ROBIN, warmup: {duration: 30s}}", "30s from 10% ^1")]
    [InlineData("{simple: LEAST_REQUEST, warmup: {duration: 30s, minimumPercent: 0, aggression: 1.5}}", "30s from 0% ^1.5")]
    public void New_endpoints_warm_up(string block, string expected)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{loadBalancer: {block}}}");
        Assert.Equal($"slow start {expected}", PolicyBlocks.Describe(cluster));
        Assert.Empty(diagnostics);
    }

    [Theory]
    [InlineData("{simple: RANDOM, warmup: {duration: 30s}}", "", "Warning Ignored loadBalancer.warmup")]
    [InlineData("{simple: PASSTHROUGH, warmupDurationSecs: 30s}", "", "Warning Ignored loadBalancer.warmupDurationSecs")]
    [InlineData("{warmup: {}}", "", "Error UnsupportedValue loadBalancer.warmup.duration")]
    [InlineData("{warmup: {duration: 0s}}", "", "Error UnsupportedValue loadBalancer.warmup.duration")]
    [InlineData("{warmup: 7}", "", "Error UnsupportedValue loadBalancer.warmup")]
    [InlineData("{warmupDurationSecs: '60'}", "", "Error UnsupportedValue loadBalancer.warmupDurationSecs")]
    [InlineData("{warmup: {duration: 9s, aggression: 0}}", "slow start 9s from 10% ^1", "Error UnsupportedValue loadBalancer.warmup.aggression")]
    [InlineData("{warmup: {duration: 9s, minimumPercent: 101}}", "slow start 9s from 10% ^1", "Error UnsupportedValue loadBalancer.warmup.minimumPercent")]
    [InlineData("{warmup: {duration: 9s}, warmupDurationSecs: 7s}", "slow start 9s from 10% ^1", "Warning Ignored loadBalancer.warmupDurationSecs")]
    public void A_warm_up_that_means_nothing_is_told(string block, string expected, string diagnostic)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{loadBalancer: {block}}}");
        Assert.Equal(expected, PolicyBlocks.Describe(cluster));
        Assert.Equal([diagnostic], diagnostics.Short());
    }

    [Theory]
    [InlineData("{}", "after 10s until 3m every 1s errors x1")]
    [InlineData("{weightExpirationPeriod: 60s, weightStabilizationPeriod: 1s, weightUpdatePeriod: 100ms, errorUtilizationPenaltyPercent: 90}", "after 1s until 1m every 100ms errors x0.9")]
    [InlineData("{weightStabilizationPeriod: 0s, errorUtilizationPenaltyPercent: 0}", "after 0s until 3m every 1s errors x0")]
    [InlineData(
        "{metricNamesForComputingUtilization: [named_metrics.a.b, utilization.c, mem_utilization, mem_utilization]}",
        "after 10s until 3m every 1s errors x1 named_metrics.a.b,utilization.c,mem_utilization")]
    public void Endpoints_are_weighed_by_their_load(string block, string expected)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{loadBalancer: {{backendUtilization: {block}}}}}");
        Assert.Equal((LoadBalancerKind.BackendUtilization, $"utilization {expected}"), (cluster.LoadBalancer, PolicyBlocks.Describe(cluster)));
        Assert.Empty(diagnostics);
    }

    [Theory]
    [InlineData("backendUtilization: {weightExpirationPeriod: 0s}", "Error UnsupportedValue loadBalancer.backendUtilization.weightExpirationPeriod")]
    [InlineData("backendUtilization: {weightStabilizationPeriod: soon}", "Error UnsupportedValue loadBalancer.backendUtilization.weightStabilizationPeriod")]
    [InlineData("backendUtilization: {errorUtilizationPenaltyPercent: -1}", "Error UnsupportedValue loadBalancer.backendUtilization.errorUtilizationPenaltyPercent")]
    [InlineData("backendUtilization: {metricNamesForComputingUtilization: [rps]}", "Error UnsupportedValue loadBalancer.backendUtilization.metricNamesForComputingUtilization[0]")]
    [InlineData("backendUtilization: {metricNamesForComputingUtilization: [named_metrics.]}", "Error UnsupportedValue loadBalancer.backendUtilization.metricNamesForComputingUtilization[0]")]
    [InlineData("backendUtilization: {blackoutPeriod: 1s}", "Warning Ignored loadBalancer.backendUtilization.blackoutPeriod")]
    [InlineData("backendUtilization: {}, simple: RANDOM", "Error UnsupportedValue loadBalancer.backendUtilization")]
    public void What_cannot_be_used_of_a_utilization_is_told_and_takes_its_default(string block, string diagnostic)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{loadBalancer: {{{block}}}}}");
        Assert.Equal(new BackendUtilizationModel(), cluster.BackendUtilization);
        Assert.Equal([diagnostic], diagnostics.Short());
    }

    [Fact]
    public void Weights_are_updated_every_100ms_at_most()
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile("{loadBalancer: {backendUtilization: {weightUpdatePeriod: 10ms}}}");
        Assert.Equal(TimeSpan.FromMilliseconds(100), cluster.BackendUtilization!.UpdatePeriod);
        Assert.Equal(["Warning Ignored loadBalancer.backendUtilization.weightUpdatePeriod"], diagnostics.Short());
    }

    [Fact]
    public void Hash_and_utilization_exclude_each_other()
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile("{loadBalancer: {consistentHash: {useSourceIp: true}, backendUtilization: {}}}");
        Assert.Equal((LoadBalancerKind.RingHash, null), (cluster.LoadBalancer, cluster.BackendUtilization));
        Assert.Equal(["Error UnsupportedValue loadBalancer.backendUtilization"], diagnostics.Short());
    }

    [Theory]
    [InlineData("7")]
    [InlineData("[]")]
    public void A_utilization_of_another_shape_is_none(string block)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{loadBalancer: {{backendUtilization: {block}}}}}");
        Assert.Equal(LoadBalancerKind.LeastRequest, cluster.LoadBalancer);
        Assert.Equal(["Error UnsupportedValue loadBalancer.backendUtilization"], diagnostics.Short());
    }
}
