namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Objects that steer the calls of Istio's proxies and not those of this library, where they are about a Service of the files.</summary>
internal sealed class ForeignKindRule : ILintRule
{
    public const string Code = "NotActedOn";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) => (subject.Group, subject.Kind) switch
    {
        ("networking.istio.io", "VirtualService") when IsForMesh(subject) => Hosts(subject, scene, "an HTTPRoute with the Service as its parent does in its place"),
        ("networking.istio.io", "ServiceEntry") => Hosts(subject, scene, "the Service is called as if it were not there"),
        ("networking.istio.io", "Sidecar") => [subject.Root["kind"].Warning(
            Code, "the mesh does not act on a Sidecar: callers of its namespace reach all that their permissions let them read (Mesh:Kubernetes:Namespaces)")],
        ("networking.istio.io", "EnvoyFilter") => [subject.Root["kind"].Warning(Code, "the mesh does not act on an EnvoyFilter, which is for proxies; filters of the application's own do in its place")],
        ("security.istio.io", "RequestAuthentication") => [subject.Root["kind"].Warning(
            Code, "tokens are checked by proxies alone: a server of the mesh that has none checks them itself, and rules about their contents fail closed")],
        ("", "Service") when subject.Spec["sessionAffinity"] is { Text: "ClientIP" } affinity => [affinity.Warning(
            Code, "the mesh does not act on it; sessionPersistence of a route does in its place, or consistentHash with useSourceIp")],
        _ => [],
    };

    /// <summary>One for gateways alone says nothing of calls within the cluster.</summary>
    private static bool IsForMesh(LintObject subject) =>
        subject.Spec["gateways"].Items is var gateways && (gateways.Count == 0 || gateways.Any(static gateway => gateway.Text == "mesh"));

    private static IEnumerable<LintFinding> Hosts(LintObject subject, LintScene scene, string advice) =>
        from host in subject.Spec["hosts"].Items
        let service = scene.ServiceOf(host.Text ?? "", subject.Namespace)
        where service is not null
        select host.Warning(Code, $"the mesh does not act on a {subject.Kind}, and this one is about Service {service}; {advice}");
}
