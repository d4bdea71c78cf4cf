using System.Text.Json;
using MeshSdk.Compilation;
using MeshSdk.Compilation.Inbound;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Inbound;

/// <summary>Which policies are for a process, what is said of them, and when they are compiled again. What they decide is tested with the engine.</summary>
public sealed class AuthorizationCompilerTests
{
    private static readonly CallerContext Own = new() { Namespace = "foo", Labels = new Dictionary<string, string> { ["app"] = "w" } };

    [Fact]
    public void Nothing_is_asked_where_there_is_no_policy()
    {
        var (model, diagnostics) = Compile(Own);
        Assert.Empty(model.Denials);
        Assert.Null(model.Allowances);
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void The_same_model_is_given_until_something_changes()
    {
        var compiler = new AuthorizationCompiler();
        var store = new ResourceStore();
        store.Apply([Policy("foo", """{"rules": [{"from": [{"source": {"foo": 1}}]}]}""")], []);
        var first = Run(out var told);

        // A thing of another kind, and a policy of somebody else.
        store.Apply([Given.Service("foo/web"), Policy("other", "{}")], []);
        Assert.Same(first, Run(out var again));
        Assert.Equal(told, again);
        Assert.NotEmpty(again);

        store.Apply([Policy("istio-system", "{}", "root")], []);
        var second = Run(out _);
        Assert.NotSame(first, second);
        Assert.NotSame(second, compiler.Compile(store, ViewOf(store, Own with { Labels = new Dictionary<string, string>() }), new DiagnosticList()));

        AuthorizationModel Run(out MeshDiagnostic[] found)
        {
            var diagnostics = new DiagnosticList();
            var model = compiler.Compile(store, ViewOf(store, Own), diagnostics);
            found = [.. diagnostics.ToImmutable()];
            return model;
        }
    }

    [Fact]
    public void A_policy_of_the_root_namespace_counts_once_for_who_is_there() =>
        Assert.Single(Compile(Own with { Namespace = "istio-system" }, Policy("istio-system", """{"action": "DENY", "rules": [{}]}""")).Model.Denials);

    [Theory]
    [InlineData("""{"selector": {"matchLabels": {"app": "w"}}, "action": "DENY", "rules": [{}]}""", false)]
    [InlineData("""{"selector": {"matchLabels": {"app": "z"}}, "action": "DENY", "rules": [{}]}""", false)]
    [InlineData("""{"selector": {"matchLabels": {"app": "z"}}, "rules": [{}]}""", true)]
    public void Without_labels_to_go_by_a_policy_with_a_selector_refuses_and_allows_nothing(string spec, bool allows)
    {
        var (model, diagnostics) = Compile(Own with { Labels = new Dictionary<string, string>() }, Policy("foo", spec));

        Assert.Equal(!allows, model.Denials is [{ Rules: [_] }]);
        Assert.Equal(allows, model.Allowances is [{ Rules: [] }]);
        var told = Assert.Single(diagnostics);
        Assert.Equal((DiagnosticSeverity.Error, "spec.selector.matchLabels"), (told.Severity, told.Path));
        Assert.Contains("POD_NAME", told.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Labels", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_for_the_revision_of_the_pod_counts_in_full()
    {
        var policy = Policy("foo", """{"rules": [{}]}""") with { Metadata = new() { Name = "p", Namespace = "foo", Labels = new() { ["istio.io/rev"] = "canary" } } };

        Assert.True(Compile(Own with { Labels = new Dictionary<string, string> { ["istio.io/rev"] = "canary" } }, policy).Model.Allowances is [{ Rules: [_] }]);
        Assert.True(Compile(Own, policy).Model.Allowances is [{ Rules: [] }]);
    }

    [Theory]
    [InlineData("""{"action": "AUDIT", "rules": [{}]}""", DiagnosticSeverity.Info, "NotImplemented", "spec.action")]
    [InlineData("""{"action": "CUSTOM", "provider": {"name": "x"}, "rules": [{}]}""", DiagnosticSeverity.Warning, "NotImplemented", "spec.action")]
    [InlineData("""{"action": "deny"}""", DiagnosticSeverity.Error, "UnsupportedValue", "spec.action")]
    [InlineData("7", DiagnosticSeverity.Error, "UnsupportedValue", "spec")]
    [InlineData("""{"action": "DENY", "rulez": []}""", DiagnosticSeverity.Error, "UnsupportedValue", "spec.rulez")]
    [InlineData("""{"rules": [{"from": [{"source": {"principal": ["x"]}}]}]}""", DiagnosticSeverity.Error, "UnsupportedValue", "spec.rules[0].from[0].source.principal")]
    [InlineData("""{"rules": [{"from": [{"source": {"remoteIpBlocks": ["1.2.3.4"]}}]}]}""", DiagnosticSeverity.Warning, "NotImplemented", "spec.rules[0].from[0].source.remoteIpBlocks")]
    [InlineData("""{"rules": [{"to": [{"operation": {"ports": [80]}}]}]}""", DiagnosticSeverity.Error, "UnsupportedValue", "spec.rules[0].to[0].operation.ports[0]")]
    [InlineData("""{"rules": [{"when": [{"key": "request.headers[x]", "values": ["v"]}]}]}""", DiagnosticSeverity.Warning, "NotImplemented", "spec.rules[0].when[0].key")]
    [InlineData("""{"rules": [{"when": [{"key": "nope", "values": ["v"]}]}]}""", DiagnosticSeverity.Error, "UnsupportedValue", "spec.rules[0].when[0].key")]
    [InlineData("""{"rules": [], "rules": []}""", DiagnosticSeverity.Error, "UnsupportedValue", "spec.rules")]
    [InlineData("""{"targetRefs": [{"kind": "Gateway", "name": "g"}]}""", DiagnosticSeverity.Info, "Ignored", "spec.targetRefs[0]")]
    public void What_is_not_acted_on_as_it_is_written_is_told(string spec, DiagnosticSeverity severity, string code, string path)
    {
        var told = Assert.Single(Compile(Own, Policy("foo", spec)).Diagnostics);

        Assert.Equal((severity, code, "AuthorizationPolicy foo/p", path), (told.Severity, told.Code, told.Subject, told.Path));
    }

    [Theory]
    [InlineData("from", "source", "principals", "spiffe://cluster.local/ns/shop/sa/web", "without spiffe://")]
    [InlineData("from", "source", "notPrincipals", "cluster.local/ns/*/sa/web", "a star counts")]
    [InlineData("from", "source", "namespaces", "shop/web", "name alone")]
    [InlineData("to", "operation", "methods", "get", "upper case")]
    [InlineData("to", "operation", "hosts", "http://x", "Host header")]
    [InlineData("to", "operation", "notHosts", "x/y", "Host header")]
    [InlineData("to", "operation", "paths", "orders", "begin with a slash")]
    [InlineData("to", "operation", "paths", "/a?b", "without their query")]
    [InlineData("to", "operation", "notPaths", "/a*b", "{*}")]
    public void What_matches_no_call_is_told_and_counts_as_it_is_written(string list, string part, string field, string value, string meant)
    {
        var (model, diagnostics) = Compile(Own, Policy("foo", $$$"""{"rules": [{"{{{list}}}": [{"{{{part}}}": {"{{{field}}}": ["{{{value}}}"]}}]}]}"""));

        Assert.True(model.Allowances is [{ Rules: [_] }]);
        var told = Assert.Single(diagnostics);
        Assert.Equal((DiagnosticSeverity.Warning, "NeverMatches", $"spec.rules[0].{list}[0].{part}.{field}[0]"), (told.Severity, told.Code, told.Path));
        Assert.Contains(value, told.Message, StringComparison.Ordinal);
        Assert.Contains(meant, told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"action": "\ud800", "rules": [{}]}""")]
    [InlineData("""{"rules": [{"to": [{"operation": {"methods": ["\ud800"]}}]}]}""")]
    [InlineData("""{"\ud800": 1, "rules": [{}]}""")]
    [InlineData("""{"selector": {"matchLabels": {"app": "\ud800"}}, "rules": [{}]}""")]
    [InlineData("""{"selector": {"\ud800": 1}, "rules": [{}]}""")]
    public void Texts_that_are_none_let_nobody_in(string spec)
    {
        var (model, diagnostics) = Compile(Own, Policy("foo", spec), Policy("foo", """{"action": "DENY"}""", "other"));

        Assert.True(model.Denials is [{ Rules: [_] }] || model.Allowances is [{ Rules: [] }]);
        Assert.NotEmpty(diagnostics);
    }

    [Theory]
    [InlineData("{normalization: NONE}", nameof(PathNormalization.None))]
    [InlineData("{}", nameof(PathNormalization.Base))]
    [InlineData("{normalization: BASE}", nameof(PathNormalization.Base))]
    [InlineData("{normalization: DEFAULT}", nameof(PathNormalization.Base))]
    [InlineData("{normalization: MERGE_SLASHES}", nameof(PathNormalization.MergeSlashes))]
    [InlineData("{normalization: DECODE_AND_MERGE_SLASHES}", nameof(PathNormalization.DecodeAndMergeSlashes))]
    [InlineData("{normalization: SOMETHING}", nameof(PathNormalization.Unknown))]
    [InlineData("{normalization: [NONE]}", nameof(PathNormalization.Unknown))]
    [InlineData("MERGE_SLASHES", nameof(PathNormalization.Unknown))]
    [InlineData("{", nameof(PathNormalization.Unknown))]
    public void Paths_are_normalized_as_the_mesh_says(string stated, string expected)
    {
        var map = new MeshConfigMap
        {
            Metadata = new() { Name = MeshConfigMap.WellKnownName, Namespace = "istio-system" }, Data = new() { Mesh = $"pathNormalization: {stated}" },
        };
        Assert.Equal(expected, $"{Compile(Own, map).Model.Normalization}");
    }

    private static (AuthorizationModel Model, MeshDiagnostic[] Diagnostics) Compile(CallerContext caller, params Resource[] resources)
    {
        var store = Given.Store(resources);
        var diagnostics = new DiagnosticList();
        return (new AuthorizationCompiler().Compile(store, ViewOf(store, caller), diagnostics), [.. diagnostics.ToImmutable()]);
    }

    private static MeshViewpoint ViewOf(ResourceStore store, CallerContext caller) => MeshViewpoint.Of(store, caller, CompilerOptions.Default);

    private static AuthorizationPolicy Policy(string @namespace, string spec, string name = "p") =>
        new() { Metadata = new() { Name = name, Namespace = @namespace }, Spec = JsonElement.Parse(spec) };
}
