namespace MeshSdk.Tool.Explain;

/// <summary>
/// Mutual TLS of the mesh, where the caller has no identity to show. What policies make of a call is what is explained; that the call itself is not made
/// must be said beside it. TLS that needs no mesh identity is none of it.
/// </summary>
internal static class MissingIdentity
{
    public const string Code = "NoIdentity";

    public static IEnumerable<ExplainedDiagnostic> Of(IEnumerable<ExplainedBackend> backends) => backends
        .Where(static b => b is { Share: > 0, Status: null } && b.Endpoints.Any(static e => Needs(e.Tls, e.Health)))
        .Select(static b => Of($"{b.Namespace}/{b.Service}", b.Port, b.Policy))
        .Distinct();

    /// <summary>Whether an endpoint that is spoken to so needs one.</summary>
    public static bool Needs(string tls, string health) => tls == "istio" && health != "unready";

    /// <param name="service">As in <c>namespace/name</c>.</param>
    public static ExplainedDiagnostic Of(string service, int? port, ExplainedPolicy policy)
    {
        var rule = policy.Tls is null ? null : policy.DestinationRule;
        return new(
            "warning",
            Code,
            rule is null ? $"Service {service}" : $"DestinationRule {rule.Namespace}/{rule.Name}",
            rule is null ? "" : "spec.trafficPolicy.tls",
            $"calls to {service}:{port} use the mutual TLS of the mesh, and this caller has no identity: they are answered with 503 UF. "
                + "Give one with --certs DIR, or send them in plaintext with --security off");
    }
}
