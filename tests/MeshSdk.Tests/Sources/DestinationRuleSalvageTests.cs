using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Sources;

public sealed class DestinationRuleSalvageTests
{
    private const string Unreadable = ClientTlsSettings.Unreadable;

    public static TheoryData<string, string, string?> Rules => new()
    {
        // What is written in spec; the host and the TLS mode that are left of it.
        { "{host: a, trafficPolicy: {tls: ISTIO_MUTUAL}}", "a", Unreadable },
        { "{host: a, trafficPolicy: {tls: {mode: [ISTIO_MUTUAL]}}}", "a", Unreadable },
        { "{host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL, sni: 7}}}", "a", Unreadable },
        { "{host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, tls: {}}}", "a", Unreadable },
        { "{host: a, trafficPolicy: {tls: *nowhere}}", "a", Unreadable },
        { "{host: a, trafficPolicy: {<<: 7}}", "a", Unreadable },
        { "{host: a, trafficPolicy: ISTIO_MUTUAL}", "a", Unreadable },
        { "{host: a, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: 7}}", "a", Unreadable },
        { "{host: a, trafficPolicy: {portLevelSettings: [7]}}", "a", Unreadable },
        { "{host: a, trafficPolicy: {portLevelSettings: [{port: 80, tls: {mode: SIMPLE}}]}}", "a", Unreadable },
        { "[a]", "*", Unreadable },
        { "{host: [a], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}", "*", Unreadable },
        { "{host: [a], trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}}", "*", Unreadable },
        { "{host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, loadBalancer: ROUND_ROBIN}}", "a", "ISTIO_MUTUAL" },
        { "{host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, loadBalancer: {simple: 7}}}", "a", "ISTIO_MUTUAL" },
        { "{host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}, exportTo: '*'}", "a", "ISTIO_MUTUAL" },
        { "{host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}, workloadSelector: {matchLabels: 7}}", "a", "ISTIO_MUTUAL" },
        { "{host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}, subsets: v1}", "a", "ISTIO_MUTUAL" },
        { "{host: a, trafficPolicy: {tls: {mode: DISABLE}, loadBalancer: 7}}", "a", "DISABLE" },
        { "{host: a, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: 80}]}}", "a", "DISABLE" },
        { "{host: a, trafficPolicy: {loadBalancer: 7}}", "a", null },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_fault_costs_its_block_alone_and_never_the_encryption(string spec, string host, string? mode)
    {
        var content = ManifestReader.Read(Rule(spec), "a.yaml");

        Assert.Empty(content.Resources);
        Assert.NotEmpty(content.Problems);
        var (found, isNamed) = Assert.Single(content.StandIns);
        var rule = Assert.IsType<DestinationRule>(found);
        Assert.True(isNamed);
        Assert.Equal(new ResourceKey("DestinationRule", "shop", "r"), rule.Key);
        Assert.Equal(Assert.Single(content.Unreadable), rule.Key);
        Assert.Equal((host, mode), (rule.Spec.Host, rule.Spec.TrafficPolicy?.Tls?.Mode));
        Assert.Null(rule.Spec.ExportTo);
        Assert.Null(rule.Spec.WorkloadSelector);
        Assert.Null(rule.Spec.TrafficPolicy?.LoadBalancer);
    }

    [Fact]
    public void What_is_sound_stays()
    {
        var content = ManifestReader.Read(Rule("""
            host: a
            exportTo: [.]
            trafficPolicy:
              loadBalancer: {simple: RANDOM}
              outlierDetection: {interval: 1s}
              portLevelSettings:
              - port: {number: 80}
                tls: {mode: SIMPLE}
                loadBalancer: 7
              - port: {number: 81}
                tls: 7
            """), "a.yaml");

        var spec = Assert.IsType<DestinationRule>(Assert.Single(content.StandIns).Rule).Spec;
        Assert.Equal([".", "RANDOM"], [spec.ExportTo!.Value[0], spec.TrafficPolicy!.LoadBalancer!.Simple]);
        Assert.NotNull(spec.TrafficPolicy.OutlierDetection);
        Assert.Equal(["SIMPLE", Unreadable], spec.TrafficPolicy.PortLevelSettings!.Value.Select(static port => port.Tls!.Mode));
    }

    [Theory]
    [InlineData("{host: [a], trafficPolicy: {tls: {mode: DISABLE}}}")]
    [InlineData("{host: [a], trafficPolicy: {loadBalancer: {simple: RANDOM}}}")]
    [InlineData("{host: [a]}")]
    public void A_rule_for_a_host_that_cannot_be_told_and_that_demands_nothing_is_left_out(string spec) =>
        Assert.Empty(ManifestReader.Read(Rule(spec), "a.yaml").StandIns);

    [Theory]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: 12, namespace: shop}")]
    [InlineData("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {namespace: shop}")]
    [InlineData("apiVersion: 1\nkind: DestinationRule\nmetadata: {namespace: shop}")]
    public void A_rule_without_a_name_or_a_version_is_a_rule(string head)
    {
        var content = ManifestReader.Read(head + "\nspec: {host: a, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}\n", "a.yaml");

        var (found, isNamed) = Assert.Single(content.StandIns);
        var rule = Assert.IsType<DestinationRule>(found);
        Assert.False(isNamed);
        Assert.Equal(("shop", "a", "ISTIO_MUTUAL"), (rule.Metadata.Namespace, rule.Spec.Host, rule.Spec.TrafficPolicy!.Tls!.Mode));
    }

    [Fact]
    public void A_rule_in_a_list_is_found_by_its_own_faults()
    {
        var content = ManifestReader.Read("""
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Service, metadata: {name: a, name: b}}
            - {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: r}, spec: {host: a, host: a, trafficPolicy: {tls: {mode: SIMPLE}}}}
            - {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: s}, spec: {host: b, trafficPolicy: {tls: {}, loadBalancer: 7}}}
            """, "a.yaml");

        Assert.Equal(
            [("r", "*", Unreadable), ("s", "b", null)],
            content.StandIns.Select(static s => (DestinationRule)s.Rule).Select(static rule => (rule.Metadata.Name, rule.Spec.Host, rule.Spec.TrafficPolicy!.Tls!.Mode)));
    }

    private static string Rule(string spec) =>
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, namespace: shop}\nspec:\n  "
        + spec.Replace("\n", "\n  ", StringComparison.Ordinal) + "\n";
}
