using System.Collections.Immutable;
using CsCheck;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Compilation;

/// <summary>The caller is in <c>client</c> with the label <c>app=web</c>, the service <c>a</c> in <c>ns</c>, the mesh's own namespace is <c>istio-system</c>.</summary>
public sealed class RuleCandidateTests
{
    private const string Host = "a.ns.svc.cluster.local";
    private static readonly ServiceId Service = new("ns", "a");

    // namespace/name host exportTo selector; several rules by ';', '-' for nothing. The last one is asked about, and does not apply.
    [Theory]
    [InlineData("third/x " + Host, "rules count in the namespaces of the caller (client), of the Service (ns) and of the mesh (istio-system), and in no other")]
    [InlineData("ns/x a.ns", "a host with a dot is taken literally, and 'a.ns' means no Service; write " + Host)]
    [InlineData("ns/x a.ns.svc", "a host with a dot is taken literally, and 'a.ns.svc' means no Service; write " + Host)]
    [InlineData("client/own " + Host + ";ns/x a", "DestinationRule client/own comes first: it is of the caller's own namespace")]
    [InlineData("client/own *;ns/x a", "DestinationRule client/own comes first: it is of the caller's own namespace")]
    [InlineData("ns/owner a;istio-system/x *.local", "DestinationRule ns/owner comes first: it is of the Service's own namespace")]
    [InlineData("ns/owner a;ns/x *.local", "the host of DestinationRule ns/owner is more specific")]
    [InlineData("client/x " + Host + " third", "it is exported to other namespaces alone (exportTo: third)")]
    [InlineData("ns/x a .", "it is not exported to namespace client (exportTo: .)")]
    [InlineData("ns/x a ns,third", "it is not exported to namespace client (exportTo: ns, third)")]
    [InlineData("ns/older a third;ns/x a third,client", "it counts as one with DestinationRule ns/older, which is not exported to namespace client")]
    [InlineData("ns/away a third;ns/x *.local", "the host of DestinationRule ns/away is more specific, and though that one is not exported to namespace client it ends the search in its namespace")]
    [InlineData("ns/away a third;istio-system/root *;ns/x *.local", "the host of DestinationRule ns/away is more specific, and though that one is not exported to namespace client it ends the search in its namespace")]
    [InlineData("ns/x a - app=web", "rules with a workloadSelector are for callers of their own namespace ns alone")]
    [InlineData("client/x " + Host + " - app=other", "its workloadSelector does not match the labels of the caller")]
    [InlineData("client/gone " + Host + " - app=other;ns/x a", "the workloadSelector of DestinationRule client/gone does not match the labels of the caller, and that ends the search with no rule at all")]
    [InlineData("client/mine " + Host + " - app=web;client/x " + Host, "DestinationRule client/mine comes first: its workloadSelector matches the caller")]
    public void A_rule_that_does_not_apply_has_its_reason(string rules, string reason)
    {
        var all = rules.Split(';').Select(Rule).ToArray();
        var asked = Assert.Single(Candidates(all), candidate => candidate.Rule.Metadata.Name == "x");

        Assert.Equal((false, reason), (asked.Applies, asked.Reason));
    }

    [Fact]
    public void Of_duplicates_that_cannot_be_merged_the_newest_counts()
    {
        var (older, newer) = (Rule("ns/a-older a client,third"), Rule("ns/b-newer a client"));

        Assert.Equal(
            [("b-newer", true, null), ("a-older", false, "DestinationRule ns/b-newer is exported to other namespaces, so that the two are not merged, and the newest of such rules counts")],
            Candidates(older, newer).Select(static c => (c.Rule.Metadata.Name, c.Applies, c.Reason)));
    }

    [Fact]
    public void Of_merged_rules_the_first_with_a_policy_says_all_of_it()
    {
        DestinationRule[] rules =
        [
            Rule("ns/a a"),
            Rule("ns/b a") with { Spec = new() { Host = "a", TrafficPolicy = new() } },
            Rule("ns/c a") with { Spec = new() { Host = "a", TrafficPolicy = new() } },
        ];

        Assert.Equal(
            [("a", true, null), ("b", true, null), ("c", true, "DestinationRule ns/b is older, or first by name, and gives the whole traffic policy")],
            Candidates(rules).Select(static c => (c.Rule.Metadata.Name, c.Applies, c.Reason)));
    }

    [Fact]
    public void Rules_for_other_services_are_no_candidates() => Assert.Empty(Candidates(Rule("ns/x b"), Rule("client/x a"), Rule("ns/y *.example.com")));

    [Fact]
    public void What_applies_is_what_the_resolver_selects_and_whatever_else_covers_the_service_has_a_reason() =>
        Gen.Select(OneOf.These("client", "ns", "istio-system", "third"), AnyRule.Array[0, 6], static (caller, rules) => (Caller: caller, Rules: rules)).Sample(
            static mesh =>
            {
                var context = Caller(mesh.Caller);
                var store = Given.Store([.. mesh.Rules.Select((rule, i) => rule with { Metadata = rule.Metadata with { Name = $"r{i}" } })]);
                var selected = new PolicyResolver(context, store.Rules, store.Unknown).Select(Service.Namespace, Host);
                var candidates = new RuleCandidates(context, store.Rules, store.Unknown).Of(Service, Host);

                Assert.Equal(selected, candidates.Where(static c => c.Applies).Select(static c => c.Rule));
                Assert.All(candidates.Where(static c => !c.Applies), static c => Assert.False(string.IsNullOrEmpty(c.Reason)));
                Assert.DoesNotContain(candidates, static c => c.Reason == "another rule comes first");
                Assert.Equal(
                    store.Rules.All.Count(rule => ResourceStoreRules.Covers(store.Rules.FullyQualified(rule), Host)),
                    candidates.Count(c => ResourceStoreRules.Covers(store.Rules.FullyQualified(c.Rule), Host)));
            },
            iter: 2_000);

    private static readonly Gen<DestinationRule> AnyRule = Gen.Select(
        OneOf.These("client", "ns", "istio-system", "third"),
        OneOf.These("a", Host, "*.local", "*.ns.svc.cluster.local", "*", "a.ns", "other"),
        OneOf.These("", ".", "*", "client", "ns", "client,third", "third"),
        OneOf.These("", "", "", "app=web", "app=other"),
        static (ns, host, exportTo, selector) => Rule($"{ns}/x {host} {(exportTo.Length == 0 ? "-" : exportTo)} {selector}".TrimEnd()));

    private static ImmutableArray<RuleCandidate> Candidates(params DestinationRule[] rules)
    {
        var store = Given.Store(rules);
        return new RuleCandidates(Caller("client"), store.Rules, store.Unknown).Of(Service, Host);
    }

    private static CallerContext Caller(string ns) => new() { Namespace = ns, Labels = new Dictionary<string, string> { ["app"] = "web" } };

    private static DestinationRule Rule(string text)
    {
        var parts = text.Split(' ');
        var name = parts[0].Split('/');
        var exportTo = parts.ElementAtOrDefault(2) is { } stated and not "-" ? stated.Split(',') : [];
        return new DestinationRule
        {
            Metadata = new ObjectMeta { Namespace = name[0], Name = name[1] },
            Spec = new DestinationRuleSpec
            {
                Host = parts[1],
                ExportTo = [.. exportTo],
                WorkloadSelector = parts.ElementAtOrDefault(3) is { Length: > 0 } label
                    ? new WorkloadSelector { MatchLabels = new() { [label.Split('=')[0]] = label.Split('=')[1] } }
                    : null,
            },
        };
    }
}
