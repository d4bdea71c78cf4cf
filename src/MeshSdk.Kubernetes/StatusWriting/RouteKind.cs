namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>A kind of routes that status is written of.</summary>
internal sealed record RouteKind(string Kind, string Plural)
{
    public const string ApiVersion = "gateway.networking.k8s.io/v1";

    public static IReadOnlyList<RouteKind> Known { get; } = [new("HTTPRoute", "httproutes"), new("GRPCRoute", "grpcroutes")];

    /// <summary>The path of those of all namespaces.</summary>
    public string All => $"apis/{ApiVersion}/{Plural}";

    public string Object(string ns, string name) => $"apis/{ApiVersion}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}/{Uri.EscapeDataString(name)}";
}
