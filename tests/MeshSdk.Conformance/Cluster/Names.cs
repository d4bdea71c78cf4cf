namespace MeshSdk.Conformance.Cluster;

/// <summary>The namespaces of the suite.</summary>
internal static class Names
{
    public const string Mesh = "gateway-conformance-mesh";
    public const string Consumer = "gateway-conformance-mesh-consumer";
    public const string Infra = "gateway-conformance-infra";
    public const string App = "gateway-conformance-app-backend";
    public const string Web = "gateway-conformance-web-backend";

    public static IReadOnlyList<string> All { get; } = [Mesh, Consumer, Infra, App, Web];
}
