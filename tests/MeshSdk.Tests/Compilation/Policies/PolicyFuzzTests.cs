using CsCheck;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Compilation.Policies;

/// <summary>Whatever stands in a block, compiling ends, and what comes of it is something that the data plane can use.</summary>
public sealed class PolicyFuzzTests
{
    private static readonly string[] Names =
    [
        "simple", "consistentHash", "warmup", "warmupDurationSecs", "localityLbSetting", "httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName", "ringHash",
        "maglev", "minimumRingSize", "tableSize", "name", "ttl", "path", "attributes", "duration", "aggression", "minimumPercent", "tcp", "http", "maxConnections",
        "connectTimeout", "tcpKeepalive", "probes", "time", "interval", "idleTimeout", "http2KeepAlive", "timeout", "maxRetries", "h2UpgradePolicy", "useClientProtocol",
        "consecutive5xxErrors", "maxEjectionPercent", "minHealthPercent", "baseEjectionTime", "outlierDetectionHttpErrorCodes", "percent", "budgetInterval", "version",
    ];

    private static readonly Gen<string> Scalar = OneOf.These(
        "null", "true", "0", "1", "-1", "3", "65537", "1e400", "1.5", "99999999999999999999", "\"\"", "\"1s\"", "\"0s\"", "\"999999999h\"", "\"UPGRADE\"", "\"V2\"", "\"x\\u0000\"");

    private static readonly Gen<string> Tree = Gen.Recursive<string>((depth, self) => depth > 3 ? Scalar : Gen.Frequency(
        (2, Scalar),
        (3, Gen.Select(OneOf.These(Names), self).Array[0, 4].Select(static fields =>
            "{" + string.Join(',', fields.DistinctBy(static field => field.Item1).Select(static field => $"\"{field.Item1}\":{field.Item2}")) + "}")),
        (1, self.Array[0, 3].Select(static items => $"[{string.Join(',', items)}]"))));

    [Fact]
    public void Nothing_in_a_block_breaks_the_compiler() =>
        Gen.Select(Tree, Tree, Tree, Tree, Tree).Sample((pool, outliers, budget, hash, proxy) =>
        {
            var policy = new TrafficPolicy
            {
                LoadBalancer = new LoadBalancerSettings { ConsistentHash = Given.Json(hash), Warmup = Given.Json(pool) },
                ConnectionPool = Given.Json(pool),
                OutlierDetection = Given.Json(outliers),
                RetryBudget = Given.Json(budget),
                ProxyProtocol = Given.Json(proxy),
            };
            var rule = Given.Policy("p", "a", "RANDOM");
            var snapshot = Given.Snapshot(Given.Service("a"), rule with { Spec = rule.Spec with { TrafficPolicy = policy, Subsets = [Given.Json(hash)] } });
            IsUsable(snapshot.Cluster("a"));
            Assert.DoesNotContain(snapshot.AllDiagnostics(), static problem => problem.Code == "InternalFault");
        });

    [Fact]
    public void Nothing_in_the_configuration_of_the_mesh_breaks_the_compiler() => Tree.Sample(tree =>
    {
        var map = new MeshConfigMap
        {
            Metadata = new ObjectMeta { Namespace = "istio-system", Name = "istio" },
            Data = new MeshConfigData { Mesh = "{defaultTrafficPolicy: {connectionPool: " + tree + ", outlierDetection: " + tree + "}, tcpKeepalive: " + tree + ", connectTimeout: " + tree + "}" },
        };
        var snapshot = Given.Snapshot(Given.Service("a"), map);
        IsUsable(snapshot.Cluster("a"));
        Assert.DoesNotContain(snapshot.AllDiagnostics(), static problem => problem.Code == "InternalFault");
    });

    [Fact]
    public void Nothing_in_a_text_breaks_the_reader() => Gen.String[0, 40].Sample(static text =>
    {
        var service = Given.Service("a");
        service = service with { Metadata = service.Metadata with { Annotations = new() { ["meshsdk.io/outlier-detection"] = text } } };
        var snapshot = Given.Snapshot(service, new MeshConfigMap { Metadata = new ObjectMeta { Namespace = "istio-system", Name = "istio" }, Data = new MeshConfigData { Mesh = text } });
        Assert.DoesNotContain(snapshot.AllDiagnostics(), static problem => problem.Code == "InternalFault");
    });

    private static void IsUsable(ClusterModel cluster)
    {
        Assert.InRange(cluster.ConnectTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(49));
        Assert.InRange(cluster.PanicThreshold, 0, 100);
        if (cluster.OutlierDetection is { } outliers)
        {
            Assert.InRange(outliers.MaxEjectionPercent, 1, 100);
            Assert.InRange(outliers.Interval, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(49));
            Assert.InRange(outliers.BaseEjectionTime, TimeSpan.FromMilliseconds(1), outliers.MaxEjectionTime);
            Assert.True(outliers is { Consecutive5xx: >= 0, ConsecutiveGatewayErrors: >= 0, ConsecutiveLocalOriginFailures: > 0 });
        }

        var limits = cluster.Limits;
        Assert.All(
            [limits.MaxConnections, limits.MaxPendingRequests, limits.MaxRequests, limits.MaxRequestsPerConnection, limits.MaxConcurrentStreams, limits.MaxRetries],
            static limit => Assert.True(limit is null or > 0));
        if (cluster.Hash is { } hash)
        {
            Assert.InRange(hash.RingSize, 1, HashModel.LargestRing);
            Assert.InRange(hash.TableSize, 2, 5_000_010);
        }

        if (cluster.SlowStart is { } slow)
        {
            Assert.True(slow.Window > TimeSpan.Zero && slow.Aggression > 0 && slow.MinimumPercent is >= 0 and <= 100);
        }
    }
}
