namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>PeerAuthentications at each of their levels.</summary>
internal static class PeerAuthentications
{
    /// <param name="level">Up to which level there are some.</param>
    /// <param name="mode">What that of this level asks for.</param>
    /// <param name="other">What those of wider levels ask for.</param>
    public static string Of(string level, string mode, string other) => level switch
    {
        "mesh" => Mesh(mode),
        "namespace" => Mesh(other) + Namespace(mode),
        "workload" => Mesh(other) + Namespace(other) + Workload(mode),
        "port" => Mesh(other) + Namespace(other) + Workload(other),
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, null),
    };

    public static string Mesh(string mode) => Object("istio-system", "default", $"mtls: {{ mode: {mode} }}");

    public static string Namespace(string mode) => Object("shop", "default", $"mtls: {{ mode: {mode} }}");

    public static string Workload(string mode, params (int Port, string Mode)[] ports)
    {
        var spec = $"selector: {{ matchLabels: {{ app: backend }} }}, mtls: {{ mode: {mode} }}";
        return Object("shop", "backend", ports.Length == 0
            ? spec
            : $"{spec}, portLevelMtls: {{ {string.Join(", ", ports.Select(static port => $"{port.Port}: {{ mode: {port.Mode} }}"))} }}");
    }

    private static string Object(string ns, string name, string spec) =>
        $$"""
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: {{name}}, namespace: {{ns}} }
        spec: { {{spec}} }
        ---

        """;
}
