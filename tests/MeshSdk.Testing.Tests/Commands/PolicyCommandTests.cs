using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>The real kubectl with the policies that say who may call a workload.</summary>
public sealed class PolicyCommandTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    private const string Readers = """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: { name: readers }
        spec:
          selector: { matchLabels: { app: backend } }
          action: DENY
          rules:
          - from: [{ source: { notPrincipals: ["*"], notIpBlocks: [10.0.0.0/8] } }]
            to: [{ operation: { methods: [GET], ports: ["8080"], notPaths: [/healthz] } }]
            when: [{ key: source.namespace, values: [shop] }]
        """;

    private const string Tokens = """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: { name: tokens }
        spec: { selector: { matchLabels: { app: backend } }, jwtRules: [{ issuer: me, jwksUri: https://me.example/keys, forwardOriginalToken: true }] }
        """;

    [Fact]
    public async Task They_are_applied_shown_and_changed_as_any_other_kind()
    {
        var console = await session.OpenAsync();
        Assert.Equal(
            "authorizationpolicy.security.istio.io/readers created\nrequestauthentication.security.istio.io/tokens created",
            await console.Run("apply -f -", $"{Readers}\n---\n{Tokens}"));
        Assert.Matches(@"^NAME +ACTION +AGE\nreaders +DENY +\S+$", await console.Run("get ap"));
        Assert.Equal("authorizationpolicy.security.istio.io/readers", await console.Run("get authorizationpolicies.v1beta1.security.istio.io -o name"));
        Assert.Equal("me", await console.Run("get ra tokens -o jsonpath={.spec.jwtRules[0].issuer}"));
        Assert.Equal("8080", await console.Run("get ap readers -o jsonpath={.spec.rules[0].to[0].operation.ports[0]}"));

        Assert.Equal("authorizationpolicy.security.istio.io/readers configured", await console.Run("apply -f -", Readers.Replace("DENY", "ALLOW", StringComparison.Ordinal)));
        Assert.Equal("2", await console.Run("get ap readers -o jsonpath={.metadata.generation}"));
        Assert.Equal("authorizationpolicy.security.istio.io \"readers\" deleted", Without(await console.Run("delete ap readers")));
    }

    [Theory]
    [InlineData("action: DENY", "action: REFUSE", "spec.action")]
    [InlineData("methods: [GET]", "method: [GET]", "method")]
    [InlineData("ports: [\"8080\"]", "ports: [8080]", "ports")]
    [InlineData("key: source.namespace, ", "", "key")]
    public async Task A_slip_is_refused_and_named(string right, string wrong, string named)
    {
        var console = await session.OpenAsync();
        Assert.Contains(right, Readers, StringComparison.Ordinal);
        Assert.Contains(named, await console.Refused("apply -f -", Readers.Replace(right, wrong, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // Newer versions of kubectl say in which namespace.
    private static string Without(string text) => text.Replace(" from default namespace", "", StringComparison.Ordinal);
}
