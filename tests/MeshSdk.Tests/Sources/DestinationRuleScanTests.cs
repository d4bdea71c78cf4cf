using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Sources;

public sealed class DestinationRuleScanTests
{
    [Theory]
    [InlineData("kind: DestinationRule\nmetadata: {name: r, namespace: shop\nspec:\n  host: a\n", "shop a r")]
    [InlineData("kind: DestinationRule\nmetadata:\n\tname: r\nspec: {host: \"a.shop.svc.cluster.local\", x: [}", "default a.shop.svc.cluster.local r")]
    [InlineData("{\"kind\": \"DestinationRule\", \"metadata\": {\"name\": \"r\"}, \"spec\": {\"host\": \"a\",,}", "default a r")]
    [InlineData("# kind: Service\nkind: DestinationRule # host: b\nmetadata: {name: r}\nspec: {host: a, @}", "default * r")]
    [InlineData("kind: DestinationRule\nmetadata: {name: r}\nspec:\n  host: {{ .Values.host }}\n", "default * r")]
    [InlineData("kind: DestinationRule\nmetadata: {name: r}\nspec:\n  host a\n", "default * r")]
    [InlineData("kind: DestinationRule\nmetadata: {name: r}\nspec:\n  host: a\n  host: b\n: [", "default * r")]
    [InlineData("kind: DestinationRule\nspec: [\n  host: a\n", "default a ?")]
    [InlineData("kind: [DestinationRule\n", "default * ?")]
    [InlineData("kind: DestinationRuleList\nitems:\n- metadata: {name: r, namespace: shop\n  spec: {host: a}", "shop * ?")]
    [InlineData("kind: List\nitems:\n- kind: DestinationRule\n  metadata: {namespace: x}\n  spec: {host: a}\n- kind: Service\n  metadata: {namespace: y\n", "x * ?, y * ?")]
    [InlineData("kind: HTTPRoute\nmetadata: {name: r\n", "")]
    [InlineData("# kind: DestinationRule\nkind: Service\nmetadata: {name: r\n", "")]
    public void Fails_what_the_rule_may_be_about(string text, string expected)
    {
        var found = DestinationRuleScan.Find(text, new ResourceOrigin("a.yaml", 2, 7)).ToList();

        Assert.Equal(expected, string.Join(", ", found.Select(static s => $"{s.Rule.Metadata.Namespace} {((DestinationRule)s.Rule).Spec.Host} {(s.IsNamed ? s.Rule.Metadata.Name : "?")}")));
        Assert.All(found, static s => Assert.Equal(ClientTlsSettings.Unreadable, ((DestinationRule)s.Rule).Spec.TrafficPolicy!.Tls!.Mode));
        Assert.All(found, static s => Assert.Equal(new ResourceOrigin("a.yaml", 2, 7), s.Rule.Origin));
    }

    [Fact]
    public void A_damaged_text_of_any_kind_is_searched()
    {
        const string Rule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r}\nspec: {host: a}\n";

        Assert.Single(ManifestReader.Read(Rule + "\0", "a.yaml").StandIns);
        Assert.Single(ManifestReader.Read(Rule + "---\nx: [\n---\n", "a.yaml").Resources);
        Assert.Empty(ManifestReader.Read(Rule + "---\nx: [\n---\n", "a.yaml").StandIns);
        Assert.Single(ManifestReader.Read(Rule, "a.json").StandIns);
    }
}
