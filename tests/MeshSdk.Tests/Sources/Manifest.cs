namespace MeshSdk.Tests.Sources;

/// <summary>Small manifests to write tests with.</summary>
internal static class Manifest
{
    public static string Service(string name, int port = 80, string ns = "default") =>
        $"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: {ns}\nspec:\n  ports:\n  - port: {port}\n";

    /// <summary>Weight on line 9.</summary>
    public static string Route(string name, object weight) =>
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata:\n" +
        $"  name: {name}\nspec:\n  rules:\n  - backendRefs:\n    - name: backend-v1\n      weight: {weight}\n";

    public static string Documents(params string[] documents) => string.Join("---\n", documents);
}
