using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>The caller is in <c>client</c>, the service <c>a</c> in <c>ns</c>, the mesh's own namespace is <c>istio-system</c>.</summary>
public sealed class PolicyLookupTests
{
    private const string Host = "a.ns.svc.cluster.local";

    [Fact]
    public void Without_rules_the_load_balancer_is_least_request()
    {
        var cluster = Given.Snapshot(Given.Service("a")).Cluster("a");
        Assert.Equal(LoadBalancerKind.LeastRequest, cluster.LoadBalancer);
        Assert.Equal(ClusterPolicy.None, cluster.Policy);
        Assert.Equal(TimeSpan.FromSeconds(10), cluster.ConnectTimeout);
    }

    // namespace/name, host, exportTo; several rules by ';'. Expected: the name of the one that applies.
    [Theory]
    [InlineData("ns/owner " + Host, "ns/owner")]
    [InlineData("ns/owner a", "ns/owner")]
    [InlineData("client/own " + Host + ";ns/owner " + Host, "client/own")]
    [InlineData("client/own a", null)]
    [InlineData("ns/owner a.ns", null)]
    [InlineData("istio-system/root " + Host, "istio-system/root")]
    [InlineData("istio-system/root *.cluster.local;ns/owner " + Host, "ns/owner")]
    [InlineData("client/wild *.local;ns/owner " + Host, "client/wild")]
    [InlineData("client/wild *;client/closer *.ns.svc.cluster.local", "client/closer")]
    [InlineData("client/wild *.cluster.local;client/exact " + Host, "client/exact")]
    [InlineData("third/other " + Host + " *", null)]
    [InlineData("ns/private " + Host + " .", null)]
    [InlineData("ns/private " + Host + " ns", null)]
    [InlineData("ns/elsewhere " + Host + " third", null)]
    [InlineData("ns/here " + Host + " client", "ns/here")]
    [InlineData("ns/here " + Host + " client,third", "ns/here")]
    [InlineData("client/away " + Host + " third", null)]
    [InlineData("client/private " + Host + " .", "client/private")]
    [InlineData("ns/private " + Host + " .;ns/wild *.ns.svc.cluster.local", "ns/wild")]
    [InlineData("ns/elsewhere " + Host + " third;ns/wild *.ns.svc.cluster.local", null)]
    [InlineData("ns/elsewhere " + Host + " third;istio-system/root *", "istio-system/root")]
    [InlineData("istio-system/private *.local .", null)]
    public void First_hit_of_callers_services_and_root_namespace_wins(string rules, string? expected) =>
        Assert.Equal(expected, NameFor("client", rules));

    // The caller is in the root namespace: its own public rules are defaults for all, so the service's come first.
    [Theory]
    [InlineData("istio-system/root " + Host + ";ns/owner " + Host, "ns/owner")]
    [InlineData("istio-system/root " + Host + " .;ns/owner " + Host, "istio-system/root")]
    [InlineData("istio-system/root " + Host, "istio-system/root")]
    public void Root_namespace_prefers_its_private_rules_only(string rules, string expected) =>
        Assert.Equal(expected, NameFor("istio-system", rules));

    // One set of rules as several namespaces see it, with the facts that Istio's own tests hold istiod to (istio/istio, Apache License 2.0).
    [Theory]
    [InlineData("test1", "test1", "httpbin.org", "test1/rule1")]
    [InlineData("test1", "test2", "httpbin.org", "test1/rule1")]
    [InlineData("test2", "test1", "httpbin.org", "test2/rule2")]
    [InlineData("new-ns", "test2", "httpbin.org", "test2/rule2")]
    [InlineData("test3", "test1", "httpbin.org", "test3/rule3")]
    [InlineData("test5", "test4", "httpbin.org", "istio-system/rule4")]
    [InlineData("ns1", "test1", "httpbin.org", "test1/rule1")]
    [InlineData("ns1", "random", "httpbin.org", "istio-system/rule4")]
    [InlineData("random", "random", "httpbin.org", "istio-system/rule4")]
    [InlineData("test3", "random", "httpbin.org", "test3/rule3")]
    [InlineData("istio-system", "random", "httpbin.org", "istio-system/rule1")]
    [InlineData("istio-system", "istio-system", "httpbin.org", "istio-system/rule1")]
    [InlineData("istio-system", "istio-system", "foo.app.org", "istio-system/rule3")]
    [InlineData("istio-system", "test5", "api.test.com", "test5/rule5")]
    [InlineData("istio-system", "test6", "api.test.com", "test6/rule6")]
    [InlineData("istio-system", "test7", "api.test.com", null)]
    public void Rules_are_seen_as_istiod_sees_them(string caller, string serviceNamespace, string host, string? expected)
    {
        var store = Given.Store(
            Given.Policy("test1/rule1", "httpbin.org", "RANDOM", ".", "ns1"),
            Given.Policy("test2/rule2", "httpbin.org", "RANDOM", "test2", "ns1", "test1", "new-ns"),
            Given.Policy("test3/rule3", "httpbin.org", "RANDOM", "test1", "test2", "*"),
            Given.Policy("test4/rule4-local", "httpbin.org", "RANDOM", "test4"),
            Given.Policy("istio-system/rule4", "httpbin.org", "RANDOM"),
            Given.Policy("istio-system/rule1", "httpbin.org", "RANDOM", "."),
            Given.Policy("istio-system/rule2", "*.org", "RANDOM", "."),
            Given.Policy("istio-system/rule3", "*.app.org", "RANDOM", "."),
            Given.Policy("test5/rule5", "api.test.com", "RANDOM", "istio-system"),
            Given.Policy("test6/rule6", "api.test.com", "RANDOM", "istio-system"));
        var selected = new PolicyResolver(new CallerContext { Namespace = caller }, store.Rules, store.Unknown).Select(serviceNamespace, host);
        Assert.Equal(expected, selected.FirstOrDefault()?.ServiceId().ToString());
    }

    // A host of a rule, and that of a service.
    [Theory]
    [InlineData("foo.com", "foo.com", true)]
    [InlineData("bar.com", "foo.com", false)]
    [InlineData("foo.com", "bar.foo.com", false)]
    [InlineData("bar.foo.com", "foo.com", false)]
    [InlineData("*.com", "foo.com", true)]
    [InlineData("*.foo.com", "bar.foo.com", true)]
    [InlineData("*.foo.com", "foo.com", false)]
    [InlineData("*", "foo.com", true)]
    [InlineData("*", "com", true)]
    [InlineData("*.foo.bar.baz", "baz", false)]
    [InlineData("*.baz", "foo.bar.baz", true)]
    [InlineData("*-web.com", "my-web.com", true)]
    [InlineData("*-web.com", "web.com", false)]
    [InlineData("", "foo.com", false)]
    public void Hosts_match_by_their_end(string rule, string host, bool matches) => Assert.Equal(matches, ResourceStoreRules.Covers(rule, host));

    [Fact]
    public void Rule_of_the_services_own_namespace_applies_to_its_own_callers() =>
        Assert.Equal("ns/private", NameFor("ns", "ns/private a ."));

    [Fact]
    public void Merged_rules_take_the_policy_of_the_first_that_has_one()
    {
        var empty = Given.Policy("ns/old", "a", "RANDOM").CreatedAt(1);
        empty = empty with { Spec = empty.Spec with { TrafficPolicy = null } };
        var cluster = Cluster(
            "client", empty, Given.Policy("ns/young", Host, "ROUND_ROBIN").CreatedAt(3), Given.Policy("ns/middle", Host, "RANDOM").CreatedAt(2));
        Assert.Equal(new ServiceId("ns", "old"), cluster.Policy.Name);
        Assert.Equal(LoadBalancerKind.Random, cluster.LoadBalancer);
    }

    [Fact]
    public void Rules_exported_to_different_callers_stay_apart_and_the_newest_counts()
    {
        var cluster = Cluster(
            "client",
            Given.Policy("ns/one", Host, "RANDOM", "client").CreatedAt(1),
            Given.Policy("ns/two", Host, "ROUND_ROBIN").CreatedAt(2));
        Assert.Equal(new ServiceId("ns", "two"), cluster.Policy.Name);
    }

    [Fact]
    public void Rule_exported_further_is_folded_into_an_older_one()
    {
        var cluster = Cluster(
            "client",
            Given.Policy("ns/one", Host, "RANDOM", "client").CreatedAt(1),
            Given.Policy("ns/two", Host, "ROUND_ROBIN", "client", "third").CreatedAt(2));
        Assert.Equal(new ServiceId("ns", "one"), cluster.Policy.Name);
        Assert.Equal(LoadBalancerKind.Random, cluster.LoadBalancer);
    }

    [Theory]
    [InlineData("app", "web", "client/selected")]
    [InlineData("app", "other", "client/all")]
    public void Selector_goes_before_rules_without_one(string label, string value, string expected)
    {
        var store = Given.Store(
            Given.Service("a"),
            Given.Policy("client/all", Host, "RANDOM").CreatedAt(1),
            Selecting(Given.Policy("client/selected", Host, "ROUND_ROBIN").CreatedAt(2), "app", "web"));
        var name = Given.Compiler("client", (label, value)).Compile(store).Cluster("a").Policy.Name;
        Assert.Equal(expected, name.ToString());
    }

    [Fact]
    public void Selector_that_does_not_fit_ends_the_search()
    {
        var cluster = Cluster(
            "client",
            Selecting(Given.Policy("client/selected", Host, "ROUND_ROBIN"), "app", "web"),
            Given.Policy("client/wild", "*", "RANDOM"),
            Given.Policy("ns/owner", Host, "RANDOM"));
        Assert.Null(cluster.Policy.Name);
    }

    [Fact]
    public void Rule_with_a_selector_is_never_exported() =>
        Assert.Null(Cluster("client", Selecting(Given.Policy("ns/selected", Host, "RANDOM", "*"), "app", "web")).Policy.Name);

    [Theory]
    [InlineData("a.ns", true)]
    [InlineData("api.example.com", true)]
    [InlineData("gone.ns.svc.cluster.local", true)]
    [InlineData(Host, false)]
    [InlineData("a", false)]
    [InlineData("*.example.com", false)]
    public void Host_with_a_dot_that_is_no_service_is_reported(string host, bool reported) =>
        Assert.Equal(
            reported ? ["Warning UnknownHost spec.host"] : [],
            Given.Snapshot(Given.Service("a"), Given.Policy("p", host, "RANDOM")).AllDiagnostics().Codes());

    private static DestinationRule Selecting(DestinationRule rule, string name, string value) =>
        rule with { Spec = rule.Spec with { WorkloadSelector = new WorkloadSelector { MatchLabels = new() { [name] = value } } } };

    private static string? NameFor(string caller, string rules)
    {
        var parsed = rules.Split(';').Select(static text => text.Split(' ')).Select(static parts =>
            Given.Policy(parts[0], parts[1], "ROUND_ROBIN", parts.Length < 3 ? [] : parts[2].Split(',')));
        return Cluster(caller, [.. parsed]).Policy.Name?.ToString();
    }

    private static ClusterModel Cluster(string caller, params DestinationRule[] rules) =>
        Given.SnapshotFor(caller, [Given.Service("a"), .. rules]).Cluster("a");
}
