namespace MeshSdk.Tool.Tests;

/// <summary>A directory of manifests that is gone after the test.</summary>
internal sealed class ManifestDirectory : IDisposable
{
    /// <summary>The reference canary.</summary>
    public static string Canary { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Manifests", "canary.yaml");

    public string Path { get; } = Directory.CreateTempSubdirectory("mesh-tool-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
