using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Tests.Compilation;

namespace MeshSdk.Tests.Sources;

/// <summary>A peer authentication that cannot be read may have said STRICT.</summary>
public sealed class PeerStandInTests
{
    [Theory]
    [InlineData("spec: { mtls: STRICT }", null)]
    [InlineData("spec: { mtls: { mode: [STRICT] } }", null)]
    [InlineData("spec: [STRICT]", null)]
    [InlineData("spec: { selector: { matchLabels: { app: a } }, mtls: { mode: 7 } }", "a")]
    [InlineData("spec: { selector: { matchLabels: { app: a } }, portLevelMtls: [8080] }", "a")]
    [InlineData("spec: { selector: { matchLabels: [app] }, mtls: { mode: DISABLE } }", null)]
    public void One_with_a_name_closes_those_that_it_selects_as_far_as_that_can_be_told(string spec, string? app)
    {
        var content = ManifestReader.Read($"apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{ name: p, namespace: ns }}\n{spec}\n", "a.yaml");
        Assert.Empty(content.Resources);
        Assert.NotEmpty(content.Problems);
        var (rule, isNamed) = Assert.Single(content.StandIns);
        Assert.True(isNamed);
        Assert.Equal(new ResourceKey("PeerAuthentication", "ns", "p"), rule.Key);
        var modes = PeerModes.Of(Given.Store(rule), "ns", "istio-system");
        Assert.Equal(PeerMode.Strict, modes.Of(new() { ["app"] = "a" }, 8080).Mode);
        Assert.Equal(app is null ? PeerMode.Strict : PeerMode.Permissive, modes.Of(new() { ["app"] = "b" }, 8080).Mode);
    }

    [Theory]
    [InlineData("kind: PeerAuthentication\nmetadata: {name: p, namespace: shop\n", "shop")]
    [InlineData("kind: \"PeerAuthentication\"\nspec: [\n", "default")]
    [InlineData("kind: List\nitems:\n- kind: PeerAuthentication\n  metadata: {namespace: x}\n- kind: Service\n  metadata: {namespace: y\n", "x y")]
    [InlineData("# kind: PeerAuthentication\nkind: Service\nmetadata: {name: p\n", "")]
    [InlineData("kind: Service\nmetadata: {name: PeerAuthentication\n", "")]
    public void One_in_a_text_that_cannot_be_read_closes_its_namespace(string text, string namespaces)
    {
        var found = ManifestReader.Read(text, "a.yaml").StandIns.Where(static standIn => standIn.Rule is PeerAuthentication).ToList();
        Assert.Equal(namespaces, string.Join(' ', found.Select(static standIn => standIn.Rule.Metadata.Namespace)));
        Assert.All(found, static standIn => Assert.False(standIn.IsNamed));
    }
}
