namespace MeshSdk.Tool.Explain;

/// <summary>
/// Policies that want TLS, which this version has no identity for. What they make of a call is what is explained; that the call itself is not
/// made must be said beside it. Not of a BackendTLSPolicy, which needs no identity: the compiler says what becomes of that.
/// </summary>
internal static class MissingIdentity
{
    public const string Code = "NoIdentity";

    public static IEnumerable<ExplainedDiagnostic> Of(IEnumerable<ExplainedBackend> backends) => backends
        .Where(static b => b is { Share: > 0, Status: null, Policy.HasBackendTls: false } && b.Endpoints.Any(static e => e.Tls != "none" && e.Health != "unready"))
        .Select(Of)
        .Distinct();

    private static ExplainedDiagnostic Of(ExplainedBackend backend) =>
        Of($"{backend.Namespace}/{backend.Service}", backend.Port, backend.Policy);

    /// <param name="service">As in <c>namespace/name</c>.</param>
    public static ExplainedDiagnostic Of(string service, int? port, ExplainedPolicy policy) => new(
        "warning",
        Code,
        policy.DestinationRule is { } rule ? $"DestinationRule {rule.Namespace}/{rule.Name}" : $"Service {service}",
        "spec.trafficPolicy.tls",
        $"calls to {service}:{port} are to use TLS, for which this version has no identity: it answers them with 503 UF unless --security is off");
}
