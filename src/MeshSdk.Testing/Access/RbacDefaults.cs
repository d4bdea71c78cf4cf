namespace MeshSdk.Testing.Access;

/// <summary>What every cluster grants from the start, without an object that says so having to be there.</summary>
internal static class RbacDefaults
{
    /// <summary>May everything, past all rules.</summary>
    public const string Administrators = "system:masters";

    public const string Authenticated = "system:authenticated";

    private const string Unauthenticated = "system:unauthenticated";

    /// <summary>Which kinds there are, in which versions: whoever has a name may know.</summary>
    private static readonly RbacRule Discovery = new()
    {
        Verbs = ["get"],
        NonResourceUrls = ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/healthz", "/livez", "/readyz", "/version", "/version/"],
    };

    private static readonly RbacRule Public = new()
    {
        Verbs = ["get"],
        NonResourceUrls = ["/healthz", "/livez", "/readyz", "/version", "/version/"],
    };

    /// <summary>Who they are, and what they may.</summary>
    private static readonly RbacRule[] Basic =
    [
        new() { Verbs = ["create"], Groups = ["authorization.k8s.io"], Resources = ["selfsubjectaccessreviews", "selfsubjectrulesreviews"] },
        new() { Verbs = ["create"], Groups = ["authentication.k8s.io"], Resources = ["selfsubjectreviews"] },
    ];

    /// <summary>Everything.</summary>
    public static readonly IReadOnlyList<RbacRule> Administrator =
    [
        new() { Verbs = ["*"], Groups = ["*"], Resources = ["*"] },
        new() { Verbs = ["*"], NonResourceUrls = ["*"] },
    ];

    public static IEnumerable<RbacRule> For(ApiUser user) =>
        user.Groups.Contains(Authenticated) ? [Discovery, .. Basic]
        : user.Groups.Contains(Unauthenticated) ? [Public]
        : [];

    /// <summary>The rules of a ClusterRole that bindings may name although nobody has made it; null: there is none.</summary>
    public static IReadOnlyList<RbacRule>? ClusterRole(string name) => name == "cluster-admin" ? Administrator : null;
}
