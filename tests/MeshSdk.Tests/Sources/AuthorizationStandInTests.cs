using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Sources.Files;

namespace MeshSdk.Tests.Sources;

/// <summary>An authorization policy that cannot be read may have kept anybody out.</summary>
public sealed class AuthorizationStandInTests
{
    private const string DenyAll = """{"action":"DENY","rules":[{}]}""";
    private const string DenyA = """{"selector":{"matchLabels":{"app":"a"}},"action":"DENY","rules":[{}]}""";

    [Theory]
    [InlineData("metadata: { name: p, namespace: ns, labels: [a] }\nspec: { action: ALLOW }", DenyAll)]
    [InlineData("metadata: { name: p, namespace: ns, labels: [a] }\nspec: { selector: { matchLabels: { app: a } } }", DenyA)]
    [InlineData("metadata: { name: p, namespace: ns, labels: [a] }\nspec: { selector: { matchLabels: [app] } }", DenyAll)]
    [InlineData("metadata: { name: p, namespace: ns }\nspec: { action: ALLOW, action: DENY }", DenyAll)]
    [InlineData("metadata: { name: p, namespace: ns }\nspec: { selector: { matchLabels: { app: b } }, selector: { matchLabels: { app: a } } }", DenyAll)]
    [InlineData("metadata: { name: p, namespace: ns }\nspec: { selector: { matchLabels: { app: b, app: a } } }", DenyAll)]
    [InlineData("metadata: { name: p, namespace: ns }\nspec: { selector: { matchLabels: { app: a } }, rules: [], rules: [] }", DenyA)]
    public void In_place_of_one_with_a_name_nobody_may_call_those_that_it_selects(string policy, string expected)
    {
        var content = ManifestReader.Read($"apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n{policy}\n", "a.yaml");
        Assert.Empty(content.Resources);
        Assert.NotEmpty(content.Problems);
        var (rule, isNamed) = Assert.Single(content.StandIns);
        Assert.True(isNamed);
        Assert.Equal(new ResourceKey("AuthorizationPolicy", "ns", "p"), rule.Key);
        Assert.Equal(expected, Assert.IsType<AuthorizationPolicy>(rule).Spec!.Value.GetRawText());
    }

    [Theory]
    [InlineData("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { namespace: ns }\nspec: { action: ALLOW }\n", "ns")]
    [InlineData("kind: AuthorizationPolicy\nmetadata: { namespace: ns }\nspec: { action: ALLOW }\n", "ns")]
    [InlineData("kind: AuthorizationPolicy\nmetadata: {name: p, namespace: shop\n", "shop")]
    [InlineData("kind: \"AuthorizationPolicy\"\nspec: [\n", "default")]
    [InlineData("kind: List\nitems:\n- kind: AuthorizationPolicy\n  metadata: {namespace: x}\n- kind: Service\n  metadata: {namespace: y\n", "x y")]
    [InlineData("# kind: AuthorizationPolicy\nkind: Service\nmetadata: {name: p\n", "")]
    [InlineData("kind: Service\nmetadata: {name: AuthorizationPolicy\n", "")]
    public void In_place_of_one_that_cannot_be_told_by_name_nobody_may_call_its_namespace(string text, string namespaces)
    {
        var found = ManifestReader.Read(text, "a.yaml").StandIns.Where(static standIn => standIn.Rule is AuthorizationPolicy).ToList();
        Assert.Equal(namespaces, string.Join(' ', found.Select(static standIn => standIn.Rule.Metadata.Namespace)));
        Assert.All(found, static standIn => Assert.False(standIn.IsNamed));
        Assert.All(found, static standIn => Assert.Equal(DenyAll, ((AuthorizationPolicy)standIn.Rule).Spec!.Value.GetRawText()));
    }

    [Fact]
    public void A_last_good_version_counts_before_what_stands_in_and_that_of_another_kind_does_not()
    {
        var file = new ManifestFile(TimeProvider.System, TimeSpan.Zero);
        file.Apply(ManifestReader.Read("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: p, namespace: ns }\nspec: {}\n", "a.yaml"));
        file.Apply(ManifestReader.Read("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { namespace: ns }\nspec: {}\n", "a.yaml"));
        Assert.Equal("p", Assert.Single(file.Objects).Key.Name);
        Assert.Empty(file.StandIns);

        file = new ManifestFile(TimeProvider.System, TimeSpan.Zero);
        file.Apply(ManifestReader.Read("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: r, namespace: ns }\nspec: { host: a }\n", "a.yaml"));
        file.Apply(ManifestReader.Read("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { namespace: ns }\nspec: {}\n", "a.yaml"));
        Assert.Equal("r", Assert.Single(file.Objects).Key.Name);
        Assert.IsType<AuthorizationPolicy>(Assert.Single(file.StandIns).Resource);
    }
}
