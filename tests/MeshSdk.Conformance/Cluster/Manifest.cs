namespace MeshSdk.Conformance.Cluster;

/// <summary>The YAML files beside the tests.</summary>
internal static class Manifest
{
    /// <param name="name">Without the extension, such as <c>mesh/weight</c>.</param>
    public static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Manifests", name + ".yaml"));
}
