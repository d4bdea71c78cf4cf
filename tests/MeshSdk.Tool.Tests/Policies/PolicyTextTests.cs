using MeshSdk.Model;
using MeshSdk.Tool.Output;
using MeshSdk.Tool.Policies;
using MeshSdk.Tool.Tests.Explain;

namespace MeshSdk.Tool.Tests.Policies;

/// <summary>What a model of a policy reads like, whoever made the model.</summary>
public sealed class PolicyTextTests
{
    [Fact]
    public void Without_any_policy_everything_is_a_default() => Assert.Equal(
        """
        Effective policy:
           Load balancer: LEAST_REQUEST (default)
           Panic threshold: 0% (default), ejected endpoints get nothing even where no other is left
           Outlier detection: none (default)
           Limits: none (default)
           Connect timeout: 10s (default)
           Idle timeout: 1h (default)

        """,
        Text(Cluster()));

    [Fact]
    public void A_policy_that_states_everything_reads_so() => Assert.Equal(
        """
        Effective policy:
           Load balancer: RING_HASH by header "x-user", ring of at least 4096 entries
           Warmup: over 30s, from 5% of the weight, aggression 1.5
           Localities: r/a 80%, r/b 20%; others get nothing
           Panic threshold: 50%, where fewer are healthy all of them get requests
           Outlier detection: ejects after 3 consecutive errors or 2 consecutive gateway errors or 4 consecutive local-origin failures or a success rate below the others' or more than 70% failures for 1m, at most 50% = 1 of 3 endpoints
              Consecutive 5xx: 3
              Consecutive gateway errors: 2
              Local-origin failures: 4, counted apart
              Success rate: 2.5 standard deviations below the mean, of at least 5 endpoints with 100 requests an interval, enforced in 100%
              Failure percentage: above 70%, of at least 5 endpoints with 50 requests an interval, enforced in 90%
              Error codes: 429, 503
              Interval: 5s
              Base ejection time: 1m, times the number of ejections, at most 10m
              Max ejection percent: 50
           Limits: 100 connections, 10 requests that wait for one, 200 requests under way, 7 requests a connection, 50 streams a connection, retries 25% of the requests under way, and at least 3
           Connect timeout: 1s
           Idle timeout: 5m
           Connections: the caller's version of HTTP, closed after 1h, TCP keepalive after 1m, every 10s, 3 probes, HTTP/2 pings after 30s of silence, answered within 5s, PROXY protocol V2
           Retry budget: 20% of the requests within 10s, and at least 10 within 1s

        """,
        Text(Full));

    [Fact]
    public void Weights_of_load_reports_are_said_with_their_defaults_marked()
    {
        var text = Text(Cluster() with
        {
            LoadBalancer = LoadBalancerKind.BackendUtilization,
            BackendUtilization = new BackendUtilizationModel
            {
                UpdatePeriod = TimeSpan.FromSeconds(5),
                Metrics = [new UtilizationMetric(UtilizationField.Named, "queue"), new UtilizationMetric(UtilizationField.Memory, "")],
            },
        });
        Assert.Contains("Load balancer: BACKEND_UTILIZATION\n", text, StringComparison.Ordinal);
        Assert.Contains("Weights: from load reports, by the highest of named_metrics.queue, mem_utilization\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "Weights count: after 10s of reports (default), until 3m without (default); worked out every 5s, errors at 100% (default)\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LoadBalancerKind.RoundRobin, "ROUND_ROBIN")]
    [InlineData(LoadBalancerKind.Random, "RANDOM")]
    [InlineData(LoadBalancerKind.PassThrough, "PASSTHROUGH, which is any ready endpoint here, as behind a ClusterIP")]
    [InlineData(LoadBalancerKind.LeastRequest, "LEAST_REQUEST (default)")]
    public void Load_balancers_have_their_names(object kind, string expected) =>
        Assert.Contains($"Load balancer: {expected}\n", Text(Cluster() with { LoadBalancer = (LoadBalancerKind)kind }), StringComparison.Ordinal);

    public static TheoryData<string, string> Hashes => new()
    {
        { "header", "RING_HASH by header \"x\", ring of at least 1024 entries (default)" },
        { "query", "RING_HASH by query parameter \"x\", ring of at least 1024 entries (default)" },
        { "source", "RING_HASH by the caller's address, ring of at least 1024 entries (default)" },
        { "cookie", "RING_HASH by cookie \"x\", which the mesh does not make, ring of at least 1024 entries (default)" },
        { "session", "RING_HASH by cookie \"x\", made where a request has none, for the session, ring of at least 1024 entries (default)" },
        { "lasting", "RING_HASH by cookie \"x\", made where a request has none, for 30m, ring of at least 1024 entries (default)" },
        { "none", "RING_HASH by nothing, so that chance decides, ring of at least 1024 entries (default)" },
        {
            "attributes",
            "RING_HASH by cookie \"x\", made where a request has none, for the session, with Path=/a; SameSite=Strict; Secure, ring of at least 1024 entries (default)"
        },
        { "maglev", "MAGLEV by header \"x\", table of 65537 entries (default)" },
        { "table", "MAGLEV by header \"x\", table of 101 entries" },
    };

    [Theory]
    [MemberData(nameof(Hashes))]
    public void Hashing_says_by_what_and_over_how_many_entries(string name, string expected)
    {
        var header = new HashModel(HashSource.Header, "x");
        var cookie = new HashModel(HashSource.Cookie, "x");
        var cluster = Cluster() with
        {
            LoadBalancer = name is "maglev" or "table" ? LoadBalancerKind.Maglev : LoadBalancerKind.RingHash,
            Hash = name switch
            {
                "query" => new HashModel(HashSource.QueryParameter, "x"),
                "source" => new HashModel(HashSource.SourceAddress, ""),
                "cookie" => cookie,
                "session" => cookie with { Ttl = TimeSpan.Zero },
                "none" => new HashModel(HashSource.None, ""),
                "attributes" => cookie with { Ttl = TimeSpan.Zero, Path = "/a", Attributes = [("SameSite", "Strict"), ("Secure", "")] },
                "lasting" => cookie with { Ttl = TimeSpan.FromMinutes(30) },
                "table" => header with { TableSize = 101 },
                _ => header,
            },
        };

        Assert.Contains($"   Load balancer: {expected}\n", Text(cluster), StringComparison.Ordinal);
    }

    // endpoints, percent, always one; how many may be out, and what is said of it.
    [Theory]
    [InlineData(3, 10, false, "at most 10% = 0 of 3 endpoints: never ejects")]
    [InlineData(3, 10, true, "at most 10% = 1 of 3 endpoints")]
    [InlineData(0, 10, true, "at most 10% = 0 of 0 endpoints: never ejects")]
    [InlineData(3, 33, false, "at most 33% = 0 of 3 endpoints: never ejects")]
    [InlineData(3, 34, false, "at most 34% = 1 of 3 endpoints")]
    [InlineData(9, 10, false, "at most 10% = 0 of 9 endpoints: never ejects")]
    [InlineData(10, 10, false, "at most 10% = 1 of 10 endpoints")]
    [InlineData(19, 10, false, "at most 10% = 1 of 19 endpoints")]
    [InlineData(3, 100, false, "at most 100% = 3 of 3 endpoints")]
    [InlineData(3, 0, false, "at most 0% = 0 of 3 endpoints: never ejects")]
    public void Ejection_says_how_many_endpoints_may_be_out(int endpoints, int percent, bool always, string expected)
    {
        var cluster = Cluster(endpoints) with { OutlierDetection = new OutlierDetectionModel { MaxEjectionPercent = percent, AlwaysEjectsOne = always } };

        Assert.Contains($"Outlier detection: ejects after 5 consecutive 5xx for 30s, {expected}\n", Text(cluster), StringComparison.Ordinal);
    }

    [Fact]
    public void Detection_that_counts_nothing_never_ejects() => Assert.Contains(
        "Outlier detection: nothing is counted: never ejects\n",
        Text(Cluster() with { OutlierDetection = new OutlierDetectionModel { Consecutive5xx = 0 } }),
        StringComparison.Ordinal);

    [Fact]
    public void Defaults_of_outlier_detection_are_marked_one_by_one() => Assert.Contains(
        """
              Consecutive 5xx: 7
              Consecutive gateway errors: not looked at (default)
              Local-origin failures: counted with 5xx and gateway errors (default)
              Error codes: 500 to 599 (default)
              Interval: 10s (default)
              Base ejection time: 30s (default), times the number of ejections, at most 5m (default)
              Max ejection percent: 10 (default)

        """,
        Text(Cluster() with { OutlierDetection = new OutlierDetectionModel { Consecutive5xx = 7 } }),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("HTTP", true)]
    [InlineData("HTTP2", false)]
    public void An_upgrade_of_what_the_port_declares_is_told(string declared, bool isTold)
    {
        var text = new IndentedText();
        PolicyText.Write(text, PolicyReader.Read(Cluster() with { Protocol = ClusterProtocol.Http2 }), declared);
        Assert.Equal(isTold, text.ToString().Contains("Connections: HTTP/2, by h2UpgradePolicy\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Attributes_of_a_cookie_are_for_scripts_too()
    {
        var hash = new HashModel(HashSource.Cookie, "x") { Ttl = TimeSpan.Zero, Attributes = [("SameSite", "Strict"), ("Secure", "")] };
        var read = PolicyReader.Read(Cluster() with { LoadBalancer = LoadBalancerKind.RingHash, Hash = hash }).LoadBalancer.Hash!;
        Assert.Equal([new EffectiveAttribute("SameSite", "Strict"), new EffectiveAttribute("Secure", "")], read.Attributes);
    }

    [Fact]
    public void A_time_that_never_comes_is_no_fault() => Assert.Contains(
        "Idle timeout: never\n",
        Text(Cluster() with { Connections = new ConnectionSettings { IdleTimeout = Timeout.InfiniteTimeSpan } }),
        StringComparison.Ordinal);

    [Fact]
    public void Limits_of_retries_give_way_to_a_budget()
    {
        var limits = new ConnectionLimits { MaxRetries = 4 };

        Assert.Contains("Limits: 4 retries under way\n", Text(Cluster() with { Limits = limits }), StringComparison.Ordinal);
        Assert.Contains(
            "Limits: retries 20% of the requests within 10s, and at least 3\n",
            Text(Cluster() with { Limits = limits with { RetryShare = new RetryShare(Interval: TimeSpan.FromSeconds(10)) } }),
            StringComparison.Ordinal);
    }

    private static ClusterModel Full => Cluster() with
    {
        Protocol = ClusterProtocol.Caller,
        LoadBalancer = LoadBalancerKind.RingHash,
        Hash = new HashModel(HashSource.Header, "x-user") { RingSize = 4096 },
        SlowStart = new SlowStartModel(TimeSpan.FromSeconds(30), MinimumPercent: 5, Aggression: 1.5),
        PanicThreshold = 50,
        LocalityWeights = [new LocalityWeight(new Locality("r", "a", ""), 80), new LocalityWeight(new Locality("r", "b", ""), 20)],
        OutlierDetection = new OutlierDetectionModel
        {
            Consecutive5xx = 3,
            ConsecutiveGatewayErrors = 2,
            SplitsLocalOrigin = true,
            ConsecutiveLocalOriginFailures = 4,
            ErrorCodes = [429, 503],
            Interval = TimeSpan.FromSeconds(5),
            BaseEjectionTime = TimeSpan.FromMinutes(1),
            MaxEjectionTime = TimeSpan.FromMinutes(10),
            MaxEjectionPercent = 50,
            SuccessRate = new SuccessRateModel(StdevFactor: 2500),
            FailurePercentage = new FailurePercentageModel(Threshold: 70, Enforcement: 90),
        },
        Limits = new ConnectionLimits
        {
            MaxConnections = 100,
            MaxPendingRequests = 10,
            MaxRequests = 200,
            MaxRequestsPerConnection = 7,
            MaxConcurrentStreams = 50,
            MaxRetries = 9,
            RetryShare = new RetryShare(Percent: 25),
        },
        Connections = new ConnectionSettings
        {
            Keepalive = new TcpKeepalive(3, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)),
            MaxDuration = TimeSpan.FromHours(1),
            IdleTimeout = TimeSpan.FromMinutes(5),
            Ping = new Http2Ping(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)),
            ProxyProtocol = ProxyProtocol.V2,
        },
        ConnectTimeout = TimeSpan.FromSeconds(1),
        RetryBudget = new RetryBudget(20, TimeSpan.FromSeconds(10), 10, TimeSpan.FromSeconds(1)),
    };

    private static ClusterModel Cluster(int endpoints = 3) =>
        Snapshots.Service("web", [.. Enumerable.Range(1, endpoints).Select(static i => Snapshots.Endpoint($"10.0.0.{i}"))]).Clusters[0];

    private static string Text(ClusterModel cluster)
    {
        var text = new IndentedText();
        PolicyText.Write(text, PolicyReader.Read(cluster));
        return text.ToString();
    }
}
