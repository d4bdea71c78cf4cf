using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

/// <summary>The caller is in <c>client</c>, the service <c>a</c> in <c>ns</c>. Rules are <c>namespace/name host exportTo</c>, in order of their age.</summary>
public sealed class PolicyVerdictTests
{
    private const string Host = "a.ns.svc.cluster.local";

    [Theory]
    [InlineData("ns/owner a", "ns/owner Applied")]
    [InlineData("ns/one a;ns/two a", "ns/one Applied;ns/two Merged")]
    [InlineData("client/own " + Host + ";ns/owner a;istio-system/root *", "client/own Applied;istio-system/root Hidden;ns/owner Hidden")]
    [InlineData("ns/owner a;istio-system/root *", "ns/owner Applied;istio-system/root Hidden")]
    [InlineData("third/other " + Host, "third/other Elsewhere")]
    [InlineData("ns/private a .;istio-system/root *", "istio-system/root Applied;ns/private NotExported")]
    [InlineData("client/away " + Host + " third", "client/away NotExported")]
    [InlineData("ns/wild *.ns.svc.cluster.local;ns/exact a", "ns/exact Applied;ns/wild LessSpecific")]
    [InlineData("ns/away a third;ns/wild *.ns.svc.cluster.local", "ns/away NotExported;ns/wild LessSpecific")]
    [InlineData("ns/one a client;ns/two a", "ns/two Applied;ns/one Superseded")]
    [InlineData("ns/other b", "")]
    public void Of_every_rule_for_the_host_it_is_told_what_became_of_it(string rules, string expected)
    {
        var all = rules.Split(';').Select(static text => text.Split(' ')).Select(static (parts, i) =>
            (Resource)Given.Policy(parts[0], parts[1], "RANDOM", parts.Length < 3 ? [] : parts[2].Split(',')).CreatedAt(i));
        var store = Given.Store([Given.Service("a"), .. all]);
        var verdicts = new PolicyVerdicts(new CallerContext { Namespace = "client" }, store.Rules, store.Unknown).Of("ns", Host);
        Assert.Equal(expected, string.Join(';', verdicts.Select(static verdict => $"{verdict.Rule.ServiceId()} {verdict.Outcome}")));
        var applied = Given.Compiler("client").Compile(store).Cluster("a").Policy;
        Assert.Equal(applied.Merged, verdicts.Where(static verdict => verdict.Applies).Select(static verdict => verdict.Rule.ServiceId()));
    }

    [Fact]
    public void A_policy_that_is_lost_in_a_merge_is_told_with_its_ports()
    {
        var late = Given.Policy("ns/two", "a", "RANDOM").CreatedAt(2);
        late = late with { Spec = late.Spec with { TrafficPolicy = late.Spec.TrafficPolicy! with { PortLevelSettings = [new TrafficPolicy { Port = new PortSelector { Number = 80 } }] } } };
        var store = Given.Store(Given.Service("a"), Given.Policy("ns/one", "a", "RANDOM").CreatedAt(1), late);
        var verdict = new PolicyVerdicts(new CallerContext { Namespace = "client" }, store.Rules, store.Unknown).Of("ns", Host)[1];
        Assert.Equal("counts as one with DestinationRule ns/one, which is older: its traffic policy and its portLevelSettings are lost", verdict.Reason);
    }

    [Fact]
    public void A_selector_that_does_not_fit_is_told_by_its_labels()
    {
        var rule = Given.Policy("client/own", Host, "RANDOM");
        rule = rule with { Spec = rule.Spec with { WorkloadSelector = new WorkloadSelector { MatchLabels = new() { ["version"] = "v2", ["app"] = "web" } } } };
        var store = Given.Store(Given.Service("a"), rule, Given.Policy("ns/owner", "a", "RANDOM"));
        var verdicts = new PolicyVerdicts(new CallerContext { Namespace = "client" }, store.Rules, store.Unknown).Of("ns", Host);
        Assert.Equal(["OtherWorkloads", "Hidden"], verdicts.Select(static verdict => verdict.Outcome.ToString()));
        Assert.Equal("is for callers with the labels app=web,version=v2", verdicts[0].Reason);
        Assert.Equal("comes after rules of the caller's namespace, which end the search though none of them is for this caller", verdicts[1].Reason);
    }

    [Fact]
    public void In_the_meshs_own_namespace_private_rules_come_first()
    {
        var store = Given.Store(
            Given.Service("a"), Given.Policy("istio-system/private", Host, "RANDOM", "."), Given.Policy("istio-system/public", Host, "RANDOM"), Given.Policy("ns/owner", "a", "RANDOM"));
        var verdicts = new PolicyVerdicts(new CallerContext { Namespace = "istio-system" }, store.Rules, store.Unknown).Of("ns", Host);
        Assert.Equal(
            ["istio-system/private Applied", "istio-system/public Superseded", "ns/owner Hidden"],
            verdicts.Select(static verdict => $"{verdict.Rule.ServiceId()} {verdict.Outcome}"));
    }
}
