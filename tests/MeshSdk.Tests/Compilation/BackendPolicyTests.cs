using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>What the owner of a service asks of its callers: BackendTLSPolicy and XBackendTrafficPolicy.</summary>
public sealed class BackendPolicyTests
{
    private static readonly Resource[] Mesh =
    [
        Given.Service("a", "http:80", "admin:81"),
        Given.Slice("a1", "a", [new SlicePort { Name = "http", Port = 8080 }, new SlicePort { Name = "admin", Port = 8081 }], Given.Endpoint("10.0.0.1")),
        Given.Service("b"),
        Given.Slice("b1", "b", 8080, Given.Endpoint("10.0.0.2")),
        Given.Route("r", "b", Given.Rule(Given.Backend("a"))),
    ];

    [Fact]
    public void A_policy_asks_for_TLS_of_all_ports_and_of_no_other_service()
    {
        var snapshot = Given.Snapshot([.. Mesh, Given.TlsPolicy("p", "a.example", Given.Target("a"))]);
        Assert.All(snapshot.Service("a").Clusters, static cluster =>
        {
            Assert.Equal("a.example", cluster.Tls!.ServerName);
            Assert.Equal(TlsTrust.System, cluster.Tls.Trust);
            Assert.Null(cluster.Tls.Fault);
            Assert.Equal([TlsMode.Simple], cluster.Endpoints.Select(static endpoint => endpoint.Tls));
        });
        Assert.Null(snapshot.Cluster("b").Tls);
        Assert.Equal([TlsMode.None], snapshot.Cluster("b").Endpoints.Select(static endpoint => endpoint.Tls));
    }

    [Theory]
    [InlineData("old 1 a; new 2 a", "old old", "new")]
    [InlineData("x 1 a; y 1 a", "x x", "y")]
    [InlineData("y - a; x 1 a", "y y", "x")]
    [InlineData("whole 1 a; part 2 a/http", "part whole", "")]
    [InlineData("part 2 a/admin; whole 1 a", "whole part", "")]
    [InlineData("one 1 a/http; two 2 a/http; whole 3 a", "one whole", "two")]
    [InlineData("nowhere 1 a/nowhere", "- -", "")]
    [InlineData("other 1 b", "- -", "")]
    public void The_oldest_counts_and_a_port_comes_before_the_whole(string policies, string winners, string losers)
    {
        var written = policies.Split("; ").Select(static text =>
        {
            var (name, age, target) = (text.Split(' ')[0], text.Split(' ')[1], text.Split(' ')[2].Split('/'));
            var policy = Given.TlsPolicy(name, $"{name}.example", Given.Target(target[0], target.ElementAtOrDefault(1)));
            return age == "-" ? policy : policy.CreatedAt(int.Parse(age, System.Globalization.CultureInfo.InvariantCulture));
        }).ToArray();
        var snapshot = Given.Snapshot([.. Mesh, .. written]);
        Assert.Equal(winners, string.Join(' ', snapshot.Service("a").Clusters.Select(static cluster => cluster.Tls?.Source.Split('/')[1] ?? "-")));
        Assert.Equal(losers, string.Join(' ', snapshot.Service("a").Diagnostics.Where(static d => d.Code == "Conflicted").Select(static d => d.Subject.Split('/')[1])));
        Assert.Equal(policies.Contains("nowhere", StringComparison.Ordinal), snapshot.AllDiagnostics().Any(static d => d.Code == "TargetNotFound"));
    }

    [Theory]
    [InlineData("SIMPLE", TlsMode.Simple, false)]
    [InlineData("DISABLE", TlsMode.None, false)]
    [InlineData("ISTIO_MUTUAL", TlsMode.Istio, false)]
    [InlineData(null, TlsMode.Simple, true)]
    public void What_a_destination_rule_says_of_TLS_comes_first(string? mode, object expected, bool counts)
    {
        var rule = Given.Policy("d", "a", "RANDOM");
        rule = rule with { Spec = rule.Spec with { TrafficPolicy = rule.Spec.TrafficPolicy! with { Tls = mode is null ? null : new ClientTlsSettings { Mode = mode } } } };
        var cluster = Given.Snapshot([.. Mesh, rule, Given.TlsPolicy("p", "a.example", Given.Target("a"))]).Cluster("a");
        Assert.Equal(expected, cluster.Endpoints[0].Tls);
        Assert.Equal(counts, cluster.Tls?.Source == "BackendTLSPolicy ns/p");
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        // Field of the validation, its value; then the codes of the errors. All of them close the service.
        { "refs", "", "NoValidCACertificate" },
        { "refs", "Secret/x", "InvalidKind NoValidCACertificate" },
        { "refs", "ConfigMap/", "InvalidCACertificateRef NoValidCACertificate" },
        { "refs", "ConfigMap/gone", "InvalidCACertificateRef NoValidCACertificate" },
        { "wellKnown", "Mozilla", "NoValidCACertificate" },
        { "both", "", "InvalidCACertificateRef NoValidCACertificate" },
        { "hostname", "", "UnsupportedValue" },
        { "san", "IP", "UnsupportedValue" },
        { "san", "URI", "UnsupportedValue" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_policy_that_cannot_be_kept_to_closes_its_service(string field, string value, string codes)
    {
        var policy = Given.TlsPolicy("p", field == "hostname" ? value : "a.example", Given.Target("a"));
        var validation = policy.Spec.Validation;
        validation = field switch
        {
            "refs" => validation with
            {
                WellKnownCACertificates = null,
                CaCertificateRefs = value.Length == 0 ? [] : [new CertificateReference { Kind = value.Split('/')[0], Name = value.Split('/')[1] }],
            },
            "wellKnown" => validation with { WellKnownCACertificates = value },
            "both" => validation with { CaCertificateRefs = [new CertificateReference { Kind = "ConfigMap", Name = "x" }] },
            "san" => validation with { SubjectAltNames = [new BackendSubjectAltName { Type = value, Hostname = "x" }] },
            _ => validation,
        };
        var snapshot = Given.Snapshot([.. Mesh, policy with { Spec = policy.Spec with { Validation = validation } }]);
        Assert.NotNull(snapshot.Cluster("a").Tls!.Fault);
        Assert.Equal(TlsMode.Simple, snapshot.Cluster("a").Endpoints[0].Tls);
        Assert.Equal(
            codes, string.Join(' ', snapshot.Service("a").Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error).Select(static d => d.Code).Distinct()));
    }

    [Fact]
    public void Retries_are_limited_by_what_is_stated_and_else_by_the_defaults()
    {
        Assert.Equal(
            new RetryBudget(20, TimeSpan.FromSeconds(10), 10, TimeSpan.FromSeconds(1)), BudgetOf(new RetryConstraint(), out _));
        Assert.Equal(
            new RetryBudget(0, TimeSpan.FromMinutes(1), 3, TimeSpan.FromMilliseconds(500)),
            BudgetOf(
                new RetryConstraint
                {
                    Budget = new RetryConstraintBudget { Percent = 0, Interval = "1m" },
                    MinRetryRate = new RetryConstraintRate { Count = 3, Interval = "500ms" },
                },
                out _));
        Assert.Null(BudgetOf(null, out _));
    }

    [Theory]
    [InlineData(-1, null, null, null, "spec.retryConstraint.budget.percent")]
    [InlineData(101, null, null, null, "spec.retryConstraint.budget.percent")]
    [InlineData(null, "0s", null, null, "spec.retryConstraint.budget.interval")]
    [InlineData(null, "1h1s", null, null, "spec.retryConstraint.budget.interval")]
    [InlineData(null, "soon", null, null, "spec.retryConstraint.budget.interval")]
    [InlineData(null, null, 0, null, "spec.retryConstraint.minRetryRate.count")]
    [InlineData(null, null, 1_000_001, null, "spec.retryConstraint.minRetryRate.count")]
    [InlineData(null, null, null, "0ms", "spec.retryConstraint.minRetryRate.interval")]
    public void A_limit_that_means_nothing_takes_its_default(int? percent, string? interval, int? count, string? minInterval, string path)
    {
        var budget = BudgetOf(
            new RetryConstraint
            {
                Budget = new RetryConstraintBudget { Percent = percent, Interval = interval },
                MinRetryRate = new RetryConstraintRate { Count = count, Interval = minInterval },
            },
            out var diagnostics);
        Assert.Equal(new RetryBudget(20, TimeSpan.FromSeconds(10), 10, TimeSpan.FromSeconds(1)), budget);
        Assert.Equal([$"Error UnsupportedValue {path}"], diagnostics);
    }

    [Fact]
    public void Of_two_traffic_policies_the_older_one_counts_as_a_whole()
    {
        var snapshot = Given.Snapshot([
            .. Mesh,
            Given.TrafficPolicy("new", new RetryConstraint(), Given.Target("a")).CreatedAt(2),
            Given.TrafficPolicy("old", null, Given.Target("a")).CreatedAt(1)]);
        Assert.Null(snapshot.Cluster("a").RetryBudget);
        Assert.Equal(["Warning Conflicted spec.targetRefs"], snapshot.Service("a").Diagnostics.Codes());
    }

    [Fact]
    public void Targets_that_lead_nowhere_are_named()
    {
        var snapshot = Given.Snapshot([
            .. Mesh,
            Given.TlsPolicy("t", "x", Given.Target("gone"), Given.Target("a") with { Kind = "Gateway", Group = "gateway.networking.k8s.io" }),
            Given.TrafficPolicy("other/x", new RetryConstraint(), Given.Target("a"))]);
        Assert.Equal(
            ["Warning TargetNotFound spec.targetRefs[0]", "Warning InvalidKind spec.targetRefs[1]", "Warning TargetNotFound spec.targetRefs[0]"],
            snapshot.Diagnostics.Codes());
        Assert.Null(snapshot.Cluster("a").RetryBudget);
    }

    private static RetryBudget? BudgetOf(RetryConstraint? constraint, out IEnumerable<string> diagnostics)
    {
        var snapshot = Given.Snapshot([.. Mesh, Given.TrafficPolicy("p", constraint, Given.Target("a"))]);
        diagnostics = snapshot.Service("a").Diagnostics.Codes();
        return snapshot.Cluster("a", 81).RetryBudget;
    }
}
