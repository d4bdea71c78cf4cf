namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>AuthorizationPolicies for the server of these tests.</summary>
internal static class AuthorizationPolicies
{
    /// <param name="name">Of the object, in the namespace of the server.</param>
    /// <param name="spec">Its fields, as YAML in one line.</param>
    public static string Of(string name, string spec) =>
        $$"""
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: { name: {{name}}, namespace: shop }
        spec: { {{spec}} }
        ---

        """;
}
